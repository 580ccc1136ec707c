"""`play.py` with a fake world in place of a bundle: for tests that need a process of their own.

The first argument is how many seconds a step takes; a line "stepping" is printed once play is under way.
"""

import sys

import genie
import genie.app.planning
from genie.app.cli import main
from tests.app.fake_world import FakeWorld, fake_manifest


def told(index: int) -> None:
    if index == 5:
        print("stepping", flush=True)


manifest = fake_manifest(fps=60)
world = FakeWorld(manifest, seconds=float(sys.argv[1]))
world.before_step = told
genie.load = lambda bundle, device="auto": world  # type: ignore[assignment]
genie.app.planning.find_bundle = lambda name: name  # type: ignore[assignment]
genie.app.planning.first_look = lambda bundle, start: None  # type: ignore[assignment]
genie.app.planning.read_manifest = lambda bundle: manifest  # type: ignore[assignment]
if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
