"""What a judge is shown of a simulator beside clips: made by all cores, a piece at a time, and kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from genie.worlds import WorldSpec, find, load_source
from training.progress import Counter
from training.workers import cores, workers

SIMULATED = "simulated"  # the folder, in the judge's own, that is there while it is trained
PAIRS, MOMENTS = 1000, 200  # how many a process makes at a time
Piece = tuple[np.ndarray, ...]
Maker = Callable[[str, int, int], Piece]


class Simulated:
    """Pieces in a folder, each a function of seed and number; killed, the making goes on after them."""

    def __init__(self, world: WorldSpec, folder: Path, seed: int) -> None:
        self.world, self.folder, self.seed = str(world.path), folder, seed

    def pairs(self, count: int) -> Piece:
        """Frames of the judge's levels, and the same without the character: uint8 [M, H, W, 3] twice."""
        return self._together("pairs", count, PAIRS, _pairs)

    def moments(self, count: int, *, past: int, future: int) -> Piece:
        """Moments uint8 [M, past, H, W, 3], and what follows under each key [M, A, future, H, W, 3]."""
        return self._together(f"moments-{past}-{future}", count, MOMENTS, _Moments(past, future))

    def _together(self, name: str, count: int, most: int, maker: Maker) -> Piece:
        sizes = [min(most, count - first) for first in range(0, count, most)]
        files = [self.folder / f"{name}-{self.seed}-{n}-{size}.npz" for n, size in enumerate(sizes)]
        missing = [n for n, file in enumerate(files) if not file.is_file()]
        self.folder.mkdir(parents=True, exist_ok=True)
        many = min(len(missing), cores())
        with (
            Counter(f"simulate {name}") as counter,
            workers(many) if many > 1 else ThreadPoolExecutor(1) if many else nullcontext() as pool,
        ):
            jobs = [self._begin(pool, maker, files[n], n, sizes[n]) for n in missing]
            for done, job in enumerate(jobs, 1):
                job.result()
                counter(done, len(jobs))
        return _joined(files, count)

    def _begin(self, pool: Executor | None, maker: Maker, file: Path, number: int, size: int) -> Future[None]:
        assert pool is not None
        seed = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])
        return pool.submit(_keep, maker, file, self.world, size, seed)


def _keep(maker: Maker, file: Path, world: str, count: int, seed: int) -> None:
    partial = file.with_suffix(".partial")
    with partial.open("wb") as out:
        np.savez(out, *maker(world, count, seed))
    partial.replace(file)


def _joined(files: list[Path], count: int) -> Piece:
    """All pieces after one another; one at a time is in memory twice."""
    whole: list[np.ndarray] = []
    first = 0
    for file in files:
        with np.load(file) as piece:
            parts = [piece[name] for name in sorted(piece.files)]
        whole = whole or [np.empty((count, *part.shape[1:]), part.dtype) for part in parts]
        for rows, part in zip(whole, parts, strict=True):
            rows[first : first + len(part)] = part
        first += len(parts[0])
    return tuple(whole)


def _pairs(world: str, count: int, seed: int) -> Piece:
    # It is asked for only where the source has them.
    return load_source(find(world)).player_pairs(split="judge", count=count, seed=seed)  # type: ignore[attr-defined]


class _Moments:
    """A maker that other processes can be sent."""

    def __init__(self, past: int, future: int) -> None:
        self.past, self.future = past, future

    def __call__(self, world: str, count: int, seed: int) -> Piece:
        source = load_source(find(world))
        made = source.branches(  # type: ignore[attr-defined]
            split="judge", count=count, past=self.past, future=self.future, seed=seed
        )
        return made.past, made.futures
