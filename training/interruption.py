"""How a training that was told to stop says so, where torch need not be imported to hear it."""


class Interrupted(Exception):
    """Training was told to stop and has saved its state."""
