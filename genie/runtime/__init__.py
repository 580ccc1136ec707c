"""Playing a bundle through ONNX Runtime: worlds, loaded once and shared, and their sessions."""

from genie.runtime.session import Mark, Session
from genie.runtime.timing import StepTimes, time_steps
from genie.runtime.world import World

__all__ = ["Mark", "Session", "StepTimes", "World", "time_steps"]
