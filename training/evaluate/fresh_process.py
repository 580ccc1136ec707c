"""What a player meets who starts a world: a process of its own, without torch."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import genie
from genie.core.errors import GenieError

STEPS = 100
PLAY = """
import json, pathlib, sys, time
import genie
world = genie.load(sys.argv[1], device=sys.argv[2])
session = world.start(seed=0)
loaded = time.time()
session.step(0)
first = time.time()
for step in range(int(sys.argv[3])):
    session.step(step // 10 % len(world.actions))
# Not getrusage: what it says of a process includes the memory of the one that started it.
status = pathlib.Path("/proc/self/status")
told = status.read_text().split() if status.exists() else []
peak = int(told[told.index("VmHWM:") + 1]) // 1024 if "VmHWM:" in told else None
print(json.dumps({"loaded": loaded, "first": first, "peak_mb": peak}))
"""


def play_afresh(bundle: Path, device: str) -> dict[str, Any]:
    """Seconds from the process' start until a session stands, and until the first key's frame; memory.

    peak_mb is None where the system does not tell. Raises GenieError when it does not play.
    """
    begun = time.time()
    command = [sys.executable, "-c", PLAY, str(bundle), device, str(STEPS)]
    home = Path(genie.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(home), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise GenieError(f"{bundle} does not play in a process of its own: {done.stderr.strip()[-200:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    return {
        "start_up_s": round(told["loaded"] - begun, 3),
        "first_frame_s": round(told["first"] - begun, 3),
        "peak_mb": told["peak_mb"],
    }
