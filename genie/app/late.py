"""What is imported late: ONNX Runtime takes a third of a second, and the window should be up before."""

import threading

_importing = threading.Lock()


def import_runtime() -> None:
    """Import genie.runtime, one thread at a time: two that begin in different places of it would deadlock."""
    with _importing:
        import genie.runtime  # noqa: F401
