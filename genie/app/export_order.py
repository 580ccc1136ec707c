"""What is to be exported, of what was played, and as what."""

from dataclasses import dataclass
from pathlib import Path

from genie.app.clip import Clip, clip_of
from genie.app.overlay import Look
from genie.app.plan import Plan
from genie.app.player import Player


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """Frames `first` to `last` of the present line, or of `branches`, two of which go side by side.

    Without a `last`, the present line is written up to the present frame, a branch to its end.
    """

    path: Path
    look: Look
    first: int = 0
    last: int | None = None
    branches: tuple[int, ...] = ()

    def clip(self, player: Player, plan: Plan) -> Clip:
        """Return the clip, with the plan's frame rate and keys; to be called in the player's own thread."""
        takes = [player.take(branch) for branch in self.branches] or [player.take(frame=player.tree.end)]
        last = self.last
        if not self.branches and last is None:
            last = player.index
        return clip_of(
            player.world,
            takes[0],
            self.path,
            first=min(self.first, len(takes[0]) - 1),
            last=last,
            fps=plan.fps,
            look=self.look,
            other=takes[1] if len(takes) > 1 else None,
            actions=plan.manifest.actions,
        )
