"""Play a world: `python play.py --help`."""

import sys

if __name__ == "__main__":
    try:
        from genie.app.cli import run

        run()
    except KeyboardInterrupt:  # so early that the program could not yet answer for itself
        print("\nplay.py: stopped.", file=sys.stderr)
        sys.exit(130)
