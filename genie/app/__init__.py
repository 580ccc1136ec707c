"""The player: a window, a heads-up display and the command line around a world.

Nothing here knows how frames are made: a `Player` steps whatever `genie.load` returned. Nothing is
imported at package import, because `play.py --list` and `--headless` need neither pygame nor a display.
"""
