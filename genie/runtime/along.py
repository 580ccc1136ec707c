"""Going on along a line that was played before, and making its frames again."""

from collections.abc import Iterator

import numpy as np

from genie.core.line import Line
from genie.runtime.session import Session


def along(session: Session, line: Line) -> Iterator[np.ndarray]:
    """Yield each further frame of a line that leads to where `session` is, uint8 [height, width, 3].

    The words of the line are told as they are, those at its end as well: what was played is what the model
    was told. Raises ActionError, PromptError or ImageError for a line that is not of this world.
    """
    prompts, strengths = dict(line.prompts), dict(line.strengths)
    session.expand_prompts = False
    for index in range(session.index, len(line) + 1):
        session.prompt = prompts.get(index, session.prompt)
        session.strength = strengths.get(index, session.strength)
        if index < len(line):
            yield session.step(line.actions[index], line.given.get(index + 1))
