"""How long a player waits for a frame."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from genie.core.errors import BundleError
from genie.runtime.session import Session
from genie.runtime.world import World
from training.evaluate.arithmetic import measure, operations
from training.evaluate.fresh_process import play_afresh
from training.evaluate.interval import Interval, interval_of
from training.evaluate.real_clips import RealClips
from training.progress import Progress

WARM_UP = 20
EARLY, LATE = 100, 10_000  # the frame that later ones are held against, and how late they are
ROUNDS, IN_TURN = 30, 10  # steps that a young session and an old one take by turns
AROUND = 50  # steps before and after a frame number that tell what it costs there


def score_speed(world: World, clips: RealClips, *, frames: int) -> dict[str, Any]:
    """`time_session` of a session that starts as a real clip does."""

    def begin() -> Session:
        return world.start(prompt=clips.captions[0], image=clips.frames[0, 0], seed=0, expand=False)

    return time_session(world, begin, frames=frames)


def time_session(world: World, begin: Callable[[], Session], *, frames: int) -> dict[str, Any]:
    """Milliseconds from key to frame, what they are spent on, and whether they grow with the frame's number.

    The session is played for so many frames with nothing beside it. The step's share of the machine's peak
    is its multiplications (dynamics and decoding) by the median time, over what large matrix products reach
    on the same device in the same run; how unsteady the machine itself is, by its own p99 over median, is
    told from products of about the same length.
    """
    session, times = begin(), np.empty(frames)
    with Progress(f"{frames:,} frames for their times", frames) as progress:
        for step in range(frames):
            begun = perf_counter()
            session.step(_key(world, step))
            times[step] = 1000 * (perf_counter() - begun)
            progress.advance()
    median, slowest = np.quantile(times[WARM_UP:], (0.5, 0.99))
    tokens = world.manifest.token_shape[0]
    return {
        "device": world.device,
        "frames": frames,
        "median_ms": round(float(median), 3),
        "p99_ms": round(float(slowest), 3),
        "p99_over_median": round(float(slowest / median), 3),
        "frames_per_second": round(1000 / float(median), 2),
        "tokens_per_second": round(1000 * tokens / float(median), 1),
        "by_frame": {"median_ms": cost_by_frame(times)},
        **({"old_over_young": old_over_young(world, session, begin())} if frames >= LATE else {}),
        **play_afresh(world.engine.folder, world.device),
        **_share_of_peak(world, float(median)),
    }


def cost_by_frame(milliseconds: np.ndarray) -> dict[str, float]:
    """The median time of the steps around frames 100, 1,000 and 10,000, those that were played.

    They lie minutes apart, in which the machine changes more than a world does: see `old_over_young`.
    """
    numbers = [n for n in (EARLY, 1_000, LATE) if n <= len(milliseconds)]
    return {
        str(n): round(float(np.median(milliseconds[max(0, n - AROUND) : n + AROUND])), 3) for n in numbers
    }


def old_over_young(world: World, old: Session, young: Session) -> Interval:
    """How much longer an old session takes for a step than one that has played a hundred frames.

    They take turns under the same keys, so that what else the machine does befalls both: the ratio of the
    median times, with its interval over rounds of turns.
    """
    with Progress("an old and a young session in turns", EARLY + 2 * ROUNDS * IN_TURN) as progress:
        for step in range(EARLY):
            young.step(_key(world, step))
            progress.advance()
        times = np.empty((2, ROUNDS, IN_TURN))
        for turn in range(ROUNDS):
            for number in (0, 1) if turn % 2 else (1, 0):
                session = (old, young)[number]
                for step in range(IN_TURN):
                    begun = perf_counter()
                    session.step(_key(world, turn * IN_TURN + step))
                    times[number, turn, step] = 1000 * (perf_counter() - begun)
                    progress.advance()

    def ratio(rounds: np.ndarray) -> np.ndarray:
        late, early = (np.median(own[rounds], (-2, -1)) for own in times)
        return np.asarray(late / early)

    return interval_of(ratio, ROUNDS)


def _key(world: World, step: int) -> int:
    return step // 10 % len(world.actions)


def _share_of_peak(world: World, milliseconds: float) -> dict[str, Any]:
    folder = world.engine.folder
    machine = measure(world.device, milliseconds)
    told = {
        "peak_gflops": round(machine.peak / 1e9, 1),
        "machine_p99_over_median": round(machine.unsteadiness, 3),
    }
    try:
        work = operations(folder / "dynamics.onnx") + operations(folder / "decode.onnx")
    except BundleError as error:
        return told | {"share_of_peak": None, "share_left_out": str(error)}
    return told | {
        "gflop_a_step": round(work / 1e9, 4),
        "share_of_peak": round(work / (milliseconds / 1000) / machine.peak, 6),
    }
