"""A judge of single pictures: which of a world's attributes a frame shows.

It is fitted, not trained: features of small patches after Coates, Ng and Lee, "An Analysis of Single-Layer
Networks in Unsupervised Feature Learning" (AISTATS 2011), and a ridge regression on them, so that it takes a
minute and the same frames always give the same judge. It sees real frames only, whole and spoiled ones, of
levels that neither a world nor its scoring uses.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch

from genie.clips.frame_store import FrameStore
from genie.core.errors import ClipError
from genie.core.phrases import Phrases
from training.captioning.agreement import AttributeReader
from training.checkpoint import CheckpointError
from training.degrade import degrade
from training.windows import pixels

PATCH, STRIDE = 6, 2  # pixels
CENTROIDS = 160
GRID = 4  # the frame is pooled in GRID x GRID parts, and its middle once more, finer
RIDGE = 30.0
SAMPLED_PATCHES = 20_000
ROUNDS = 8
TOGETHER = 64
FRAMES_A_CLIP = 5


@dataclass(frozen=True, kw_only=True)
class AttributeJudge:
    """The judge: `mean`, `whiten` and `centroids` of patches; `weights` [F + 1, V] and the `labels` of its V.

    labels are (attribute, value); each attribute's likeliest value is the one it names.
    """

    mean: np.ndarray
    whiten: np.ndarray
    centroids: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    labels: tuple[tuple[str, str], ...]

    def name(self, frames: np.ndarray) -> dict[str, list[str]]:
        """The value of each attribute in frames uint8 [B, H, W, 3]."""
        features = (_features(frames, self) - self.centre) / self.scale
        votes = features @ self.weights[:-1] + self.weights[-1]
        named = {}
        for attribute in dict.fromkeys(slot for slot, _ in self.labels):
            places = [i for i, (slot, _) in enumerate(self.labels) if slot == attribute]
            named[attribute] = [self.labels[places[i]][1] for i in votes[:, places].argmax(1)]
        return named

    def save(self, path: Path) -> None:
        """Write a .npz that `load` reads."""
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {n: getattr(self, n) for n in ("mean", "whiten", "centroids", "centre", "scale", "weights")}
        np.savez_compressed(path, labels=np.array(self.labels), **arrays)

    @classmethod
    def load(cls, path: Path) -> "AttributeJudge":
        """Read what `save` wrote; CheckpointError for anything else."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                values = {name: arrays[name] for name in arrays.files}
                labels = tuple((str(slot), str(value)) for slot, value in values.pop("labels"))
            return cls(labels=labels, **values)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise CheckpointError(f"{path} is not an attribute judge ({error}): fit it again") from None


def fit(frames: np.ndarray, truths: Sequence[Mapping[str, str]], seed: int = 0) -> AttributeJudge:
    """Fit the judge to real frames uint8 [N, H, W, 3] and the attributes each shows.

    Every frame counts twice, the second time spoiled as a world may spoil it. Raises ClipError for frames
    that do not all have the same attributes.
    """
    if not len(frames) or not truths[0] or any(truth.keys() != truths[0].keys() for truth in truths):
        raise ClipError("the judge needs clips that all have the attributes their captions speak of")
    spoiled = degrade(pixels(torch.from_numpy(frames)), torch.Generator().manual_seed(seed))
    as_bytes = ((spoiled + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).movedim(1, -1).numpy()
    both, told = np.concatenate([frames, as_bytes]), [*truths, *truths]
    labels = tuple((slot, v) for slot in truths[0] for v in sorted({truth[slot] for truth in truths}))
    wanted = np.array([[truth[slot] == value for slot, value in labels] for truth in told], np.float32)
    mean, whiten, centroids = _dictionary(both, np.random.default_rng(seed))
    blank = np.zeros(0, np.float32)
    judge = AttributeJudge(
        mean=mean,
        whiten=whiten,
        centroids=centroids,
        centre=blank,
        scale=blank,
        weights=blank,
        labels=labels,
    )
    features = _features(both, judge)
    centre, scale = features.mean(0), features.std(0) + 1e-3
    x = (features - centre) / scale
    base = wanted.mean(0)
    solved = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1], dtype=np.float32), x.T @ (wanted - base))
    weights = np.concatenate([solved, base[None]]).astype(np.float32)
    return AttributeJudge(
        mean=mean,
        whiten=whiten,
        centroids=centroids,
        centre=centre,
        scale=scale,
        weights=weights,
        labels=labels,
    )


def judged_frames(
    store: FrameStore, reader: AttributeReader, per_clip: int
) -> tuple[np.ndarray, list[dict[str, str]], np.ndarray]:
    """Frames spread over every clip, what each shows, and the number of its clip."""
    rows, truths, clips = [], [], []
    for clip, attributes in enumerate(store.attributes):
        truth = reader.truth(attributes)
        if set(truth) == set(reader.slots):
            first, last = store.starts[clip], store.starts[clip + 1]
            picked = np.unique(np.linspace(first, last - 1, per_clip).astype(np.int64))
            rows.append(picked)
            truths += [truth] * len(picked)
            clips += [clip] * len(picked)
    if not rows:
        raise ClipError("the judge needs clips that have the attributes their captions speak of")
    return store.frames[np.concatenate(rows)], truths, np.array(clips)


def fit_to_clips(store: FrameStore, phrases: Phrases, out: Path) -> dict[str, float]:
    """Fit the judge to a dataset's frames, leave it in `out`, and return how well it names others.

    One level in five is kept out of the fitting and only named. Raises ClipError.
    """
    pairs = zip(store.clip_captions, store.attributes, strict=True)
    reader = AttributeReader(
        phrases, [(text, one) for text, one in pairs if phrases.values.keys() <= one.keys()]
    )
    frames, truths, clips = judged_frames(store, reader, FRAMES_A_CLIP)
    levels = [str(one.get("level", clip)) for clip, one in enumerate(store.attributes)]
    kept_out = np.array([zlib.crc32(levels[clip].encode()) % 5 == 0 for clip in clips])
    if kept_out.all() or not kept_out.any():
        raise ClipError("the judge needs clips of more levels")
    judge = fit(frames[~kept_out], [truth for truth, o in zip(truths, kept_out, strict=True) if not o])
    judge.save(out)
    return accuracy(judge, frames[kept_out], [truth for truth, o in zip(truths, kept_out, strict=True) if o])


def accuracy(
    judge: AttributeJudge, frames: np.ndarray, truths: Sequence[Mapping[str, str]]
) -> dict[str, float]:
    """Share of frames whose attribute is named truly, by attribute."""
    named = judge.name(frames)
    return {
        slot: sum(said == truth[slot] for said, truth in zip(values, truths, strict=True)) / len(truths)
        for slot, values in named.items()
    }


def _dictionary(frames: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, whitening and centroids (k-means) of patches drawn from frames."""
    chosen = frames[np.sort(rng.choice(len(frames), min(len(frames), 400), replace=False))]
    patches = _patches(chosen).reshape(-1, PATCH * PATCH * 3)
    patches = patches[rng.integers(len(patches), size=SAMPLED_PATCHES)]
    mean = patches.mean(0)
    values, vectors = np.linalg.eigh(np.cov(patches - mean, rowvar=False))
    whiten = (vectors / np.sqrt(np.maximum(values, 0) + 0.01)) @ vectors.T
    white = ((patches - mean) @ whiten).astype(np.float32)
    centroids = white[rng.choice(len(white), CENTROIDS, replace=False)]
    for _ in range(ROUNDS):
        nearest = ((centroids**2).sum(1) - 2 * white @ centroids.T).argmin(1)
        for k in np.unique(nearest):
            centroids[k] = white[nearest == k].mean(0)
    return mean.astype(np.float32), whiten.astype(np.float32), centroids.astype(np.float32)


def _patches(frames: np.ndarray) -> np.ndarray:
    """Every patch of frames: float32 [B, rows, columns, PATCH * PATCH * 3] in 0..1."""
    views = np.lib.stride_tricks.sliding_window_view(frames, (PATCH, PATCH), axis=(1, 2))
    views = views[:, ::STRIDE, ::STRIDE]
    return views.reshape(*views.shape[:3], -1).astype(np.float32) / 255


def _features(frames: np.ndarray, judge: AttributeJudge) -> np.ndarray:
    """How near each part of a frame is to each centroid: float32 [B, F]."""
    chunks = [_pooled(frames[i : i + TOGETHER], judge) for i in range(0, len(frames), TOGETHER)]
    return np.concatenate(chunks)


def _pooled(frames: np.ndarray, judge: AttributeJudge) -> np.ndarray:
    white = (_patches(frames) - judge.mean) @ judge.whiten
    squares = (white**2).sum(-1, keepdims=True) + (judge.centroids**2).sum(1)
    distances = np.sqrt(np.maximum(squares - 2 * white @ judge.centroids.T, 0))
    near = np.maximum(0, distances.mean(-1, keepdims=True) - distances)
    rows, columns = near.shape[1:3]
    middle = near[:, rows * 3 // 8 : rows * 5 // 8, columns * 3 // 8 : columns * 5 // 8]
    return np.concatenate([_grid(near, GRID), _grid(middle, 2)], 1)


def _grid(near: np.ndarray, parts: int) -> np.ndarray:
    """The mean over each of parts x parts pieces: [B, parts * parts * K]."""
    rows = np.array_split(np.arange(near.shape[1]), parts)
    columns = np.array_split(np.arange(near.shape[2]), parts)
    pooled = [near[:, r[0] : r[-1] + 1, c[0] : c[-1] + 1].mean((1, 2)) for r in rows for c in columns]
    return np.concatenate(pooled, 1)
