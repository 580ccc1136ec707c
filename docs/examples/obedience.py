"""Hold bundles of one world against each other: the same changes, asked for in the same words.

    python docs/examples/obedience.py data/coinrun RUN worlds/coinrun/bundle/phrases.json BUNDLE...

RUN is the run folder of a judge of attributes; the clips are those of the split "test". Asked for are whole
descriptions, and then nothing but the words for what changes. Beside each figure is its 95% interval.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from genie.clips.frame_store import FrameStore
from genie.core.phrases import Phrases
from genie.runtime.world import World
from training.evaluate.crew import Crew
from training.evaluate.judging import load_attribute_judge
from training.evaluate.picture_reader import PictureReader
from training.evaluate.prompts import Prompt, Wording
from training.evaluate.real_clips import real_clips
from training.evaluate.wording import change, score_changed
from training.workers import cores

STARTS = 60


class Brief(Wording):
    """Describes a start in full, and says nothing but what is to change of it after that."""

    def __init__(self, phrases: Phrases, values: Mapping[str, Sequence[str]]) -> None:
        super().__init__(phrases, values)
        self._shown: dict[int, np.ndarray] = {}

    def prompt(self, named: np.ndarray, number: int) -> Prompt:
        """The whole description when a number is first asked for; then the words for what differs."""
        differing = np.flatnonzero(self._shown.setdefault(number, named) != named)
        if not len(differing):
            return super().prompt(named, number)
        (place,) = differing
        said = self.phrases.values[self.names[place]][self.values[place][named[place]]]
        return Prompt(said[0][0], np.asarray(named))


def main(data: Path, run: Path, phrases: Path, bundles: list[Path]) -> None:
    """Print a line for each bundle and kind of words."""
    store = FrameStore.open(data, "test")
    judge = load_attribute_judge(run)
    assert judge is not None, "train attributes makes the judge"
    said = Phrases.load(phrases)
    reader = PictureReader.of(judge.judge, said, store)
    clips = real_clips(store, 3 * STARTS)
    before = np.stack([reader.numbers(attributes) for attributes in clips.attributes])
    for bundle in bundles:
        world = World.open(bundle, "cpu", threads=1)
        for kind in (Wording, Brief):
            seen = change(world, clips, before, kind(said, reader.values), Crew(cores()), count=STARTS)
            scores = score_changed(reader, seen)
            told = "  ".join(
                f"{name} {scores[name]['mean']:.3f} ({scores[name]['low']:.3f} to {scores[name]['high']:.3f})"
                for name in ("changed", "kept")
            )
            by = {name: round(one["changed"]["mean"], 3) for name, one in scores["by_attribute"].items()}
            print(f"{bundle}  {kind.__name__}: {told}  {by}", flush=True)


if __name__ == "__main__":
    data, run, phrases, *bundles = (Path(argument) for argument in sys.argv[1:])
    main(data, run, phrases, bundles)
