"""What the judge of attributes reads off pictures, in the values that prompts can tell apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from genie.clips.frame_store import FrameStore
from genie.core.phrases import Phrases
from training.attribute_judge import AttributeJudge
from training.captioning.agreement import AttributeReader

PIECE = 128


@dataclass(frozen=True, eq=False, kw_only=True)
class PictureReader:
    """A judge of attributes and the values to read, by attribute.

    values: those that the world's captions tell apart and the judge has seen; members: of which of these each
    value of the judge's is, by number, -1 for one that no caption says.
    """

    judge: AttributeJudge
    values: Mapping[str, tuple[str, ...]]
    members: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, judge: AttributeJudge, phrases: Phrases, store: FrameStore) -> "PictureReader":
        """For what a world's phrases say; which values look alike is found in the store's captions."""
        pairs = zip(store.clip_captions, store.attributes, strict=True)
        spoken = [(text, one) for text, one in pairs if phrases.values.keys() <= one.keys()]
        reader = AttributeReader(phrases, spoken)
        values, members = {}, {}
        for name, own in judge.config.attributes.items():
            if name in phrases.values:
                meant = [reader.truth({name: value}).get(name, value) for value in own]
                values[name] = tuple(value for value in phrases.values[name] if value in meant)
                members[name] = np.array([_place(value, values[name]) for value in meant])
        return cls(judge=judge, values=values, members=members)

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes that are read."""
        return tuple(self.values)

    def numbers(self, attributes: Mapping[str, object]) -> np.ndarray:
        """What a clip's attributes are, by number: int [attributes], -1 where no caption says it."""
        found = []
        for name in self.names:
            own = list(self.judge.config.attributes[name])
            value = str(attributes.get(name))
            found.append(self.members[name][own.index(value)] if value in own else -1)
        return np.array(found)

    def read(self, frames_RLHW3: np.ndarray) -> np.ndarray:
        """Name what each row of L frames uint8 of one scene shows, all together: int [R, attributes]."""
        rows, looks = frames_RLHW3.shape[:2]
        flat = frames_RLHW3.reshape(rows * looks, *frames_RLHW3.shape[2:])
        with torch.no_grad():
            pieces = [self._likely(flat[i : i + PIECE]) for i in range(0, len(flat), PIECE)]
        named = []
        for name in self.names:
            likely = np.concatenate([piece[name] for piece in pieces])
            named.append(np.log(likely + 1e-6).reshape(rows, looks, -1).mean(1).argmax(-1))
        return np.stack(named, 1)

    def _likely(self, frames: np.ndarray) -> dict[str, np.ndarray]:
        """How likely each value is in each frame: [R, values] by attribute."""
        told = self.judge(torch.from_numpy(np.ascontiguousarray(frames)))
        likely = {}
        for name in self.names:
            own, members = told[name].softmax(-1).numpy(), self.members[name]
            together = np.eye(len(self.values[name]))[members] * (members >= 0)[:, None]
            likely[name] = own @ together
        return likely


def _place(value: str, values: tuple[str, ...]) -> int:
    return values.index(value) if value in values else -1
