"""What the commands have in common: how a world is named, and whose fault a wrong setting is."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import tyro

from genie.core.errors import UsageError

World = Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="WORLD")]
Config = TypeVar("Config")


def checked(kind: Callable[..., Config], **values: Any) -> Config:
    """A config made from the command line: what it refuses is the command line's fault."""
    try:
        return kind(**values)
    except ValueError as error:
        raise UsageError(str(error)) from None
