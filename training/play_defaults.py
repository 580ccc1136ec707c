"""How a world is played unless its maker wants it otherwise; chosen on clips that nothing was trained on."""

TEMPERATURE = 0.8  # how boldly tokens are drawn; 0 takes the likeliest
STRENGTH = 1.2  # how much words count; 1 is as trained
