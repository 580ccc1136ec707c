"""Play a world: `python play.py --help`."""

import sys

from genie.app.cli import main

if __name__ == "__main__":
    sys.exit(main())
