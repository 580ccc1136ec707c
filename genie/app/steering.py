"""Who decides what is done next: a script for as long as there is one, then the player."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from genie.app.comparison import Comparison, comparison_of
from genie.app.moment import Moment
from genie.app.plan import Plan
from genie.app.script import Ending


@dataclass(frozen=True, kw_only=True)
class Deed:
    """An action by its index, and what else is done.

    A prompt and how much words count, to be set before it; a picture to put in place of what comes of it.
    """

    action: int
    prompt: str | None = None
    strength: float | None = None
    given: np.ndarray | None = None


class Steering:
    """Follows the plan's script, and holds what comes of a replay against its recording."""

    def __init__(self, plan: Plan) -> None:
        self.script = plan.script
        """What is left of it to say: None once the player has taken over."""
        self._plan = plan
        self._comparison: Comparison | None = None

    def begin(self, moment: Moment, device: str) -> None:
        """Take the first frame that there is, made on `device`."""
        record, digest = self._plan.replayed, self._plan.manifest.digest
        if record is not None:
            branch, frame = record.tree.branch, record.tree.frame
            self._comparison = comparison_of(record, branch, frame, bundle_hash=digest, device=device)
            self.see(moment)

    def take_over(self) -> None:
        """From now on the player decides."""
        self.script = self._comparison = None

    def decide(self, index: int, held: Collection[str]) -> Deed | None:
        """Return what to do at frame `index` with these keys held; None at the end of the script."""
        script, actions = self.script, self._plan.manifest.actions
        if script is None:
            return Deed(action=actions.index(actions.from_held(held).name))
        if not script.covers(index):
            return None
        return Deed(
            action=script.actions[index],
            prompt=script.prompts.get(index),
            strength=script.strengths.get(index),
            given=script.given.get(index + 1),
        )

    def see(self, moment: Moment) -> None:
        """Look at what came of it."""
        if self._comparison:
            self._comparison.see(moment.index, moment.frame)

    def end_script(self) -> str:
        """Hand over to the player; return what there is to say if play should stand still, else ""."""
        script, comparison = self.script, self._comparison
        self.take_over()
        if script is None or script.ending is not Ending.PAUSE:
            return ""
        verdict = f": {comparison.verdict()}" if comparison else ""
        return f"The recording ends here{verdict}."
