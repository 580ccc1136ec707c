"""How a world is played unless its maker wants it otherwise; chosen on clips that nothing was trained on."""

TEMPERATURE = 0.8  # how boldly tokens are drawn; 0 takes the likeliest
STRENGTH = 1.2  # how much words count; 1 is as trained
EMPHASIS = 1.5  # how many times as much they count while they are new
# How far the past is held to be spoiled, 0 to 1: the more, the more small things are taken for noise.
SPOILED = 0.0


def check_played(temperature: float | None, strength: float | None = None) -> None:
    """Raise ValueError for what no world is played at."""
    for what, value in (("temperature", temperature), ("strength of words", strength)):
        if value is not None and not 0 <= value <= 10:
            raise ValueError(f"the {what} must be in 0 to 10, got {value}")
