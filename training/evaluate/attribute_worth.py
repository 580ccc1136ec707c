"""How far the judge of attributes can be believed, and what is left of its word once that is taken off."""

from typing import Any, NamedTuple

import numpy as np

from training.evaluate.interval import interval
from training.evaluate.judge_score import SOUND
from training.evaluate.picture_reader import PictureReader
from training.evaluate.real_clips import RealClips

LOOKS_APART = 2  # frames, as in generated play


class AttributeWorth(NamedTuple):
    """read and truth int [C, A]: what is read off C real clips, and what they show."""

    read: np.ndarray
    truth: np.ndarray

    @property
    def hits(self) -> np.ndarray:
        """Which were named rightly: float [C, A]."""
        return (self.read == self.truth).astype(float)

    def believed(self, shares: np.ndarray) -> np.ndarray:
        """What share [A] of pictures shows what was asked, where it is read off `shares` [A] of them.

        The estimate of Rogan and Gladen (1978): a judge that names the value in a share of the pictures that
        have it, and in some that have another, is corrected for both.
        """
        right, wrong = self.hits.mean(0), self._named_wrongly()
        return np.clip((shares - wrong) / np.maximum(right - wrong, 1e-3), 0, 1)

    def _named_wrongly(self) -> np.ndarray:
        """How often one clip's value is read off others that have another: [A]."""
        other = self.truth[:, None] != self.truth[None]
        same_name = self.read[:, None] == self.truth[None]
        return (same_name & other).sum((0, 1)) / other.sum((0, 1)).clip(1)


def attribute_worth(reader: PictureReader, clips: RealClips) -> AttributeWorth:
    """What the judge makes of real clips, shown as generated play is shown it."""
    truth = np.stack([reader.numbers(attributes) for attributes in clips.attributes])
    known = (truth >= 0).all(1)
    return AttributeWorth(reader.read(clips.frames[known][:, ::LOOKS_APART]), truth[known])


def score_attribute_judge(reader: PictureReader, worth: AttributeWorth) -> dict[str, Any]:
    """The judge's accuracy by attribute on real clips, and whether its verdict is weak."""
    shares = {name: interval(worth.hits[:, place]) for place, name in enumerate(reader.names)}
    told = ", ".join(f"{name.replace('_', ' ')} {share['mean']:.1%}" for name, share in shares.items())
    weak = min(share["mean"] for share in shares.values()) < SOUND
    verdict = f"The judge of attributes names on real clips: {told}."
    if weak:
        verdict = f"The judge of attributes is weak, {SOUND:.0%} being asked. It names on real clips: {told}."
    return {"attributes": shares, "attributes_weak": weak, "attributes_verdict": verdict}
