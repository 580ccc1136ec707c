"""Keeping a world at its own frame rate, and measuring what is reached."""

from collections import deque


class Pacer:
    """Says when the next frame is due. Times are seconds of a monotonic clock."""

    def __init__(self, fps: float) -> None:
        self.period = 1.0 / fps
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Return how many seconds to go until a frame is due, at least 0."""
        return max(0.0, self._due - now)

    def take(self, now: float) -> bool:
        """Return whether a frame is due, and if so make the next one due a period later.

        A frame that comes late moves those after it: a slow machine plays slowly, but never in bursts.
        """
        if now < self._due:
            return False
        on_time = self._due + self.period
        self._due = on_time if on_time > now else now + self.period
        return True


class FrameRate:
    """Frames a second and seconds a frame over the last two seconds."""

    SPAN = 2.0

    def __init__(self) -> None:
        self._frames: deque[tuple[float, float]] = deque()

    def add(self, now: float, seconds: float) -> None:
        """Count a frame shown now that took `seconds` to make."""
        self._frames.append((now, seconds))
        while self._frames[0][0] < now - self.SPAN:
            self._frames.popleft()

    def clear(self) -> None:
        """Forget; after a pause the gap is no frame time."""
        self._frames.clear()

    @property
    def fps(self) -> float | None:
        """Frames a second, or None before there are two."""
        if len(self._frames) < 2:
            return None
        span = self._frames[-1][0] - self._frames[0][0]
        return (len(self._frames) - 1) / span if span > 0 else None

    @property
    def seconds(self) -> float | None:
        """The median time a frame took to make."""
        if not self._frames:
            return None
        return sorted(seconds for _, seconds in self._frames)[len(self._frames) // 2]
