import subprocess
import sys
from pathlib import Path

PLAY = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "onnx", "onnxscript", "transformers", "av", "pygame", "PIL"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import genie
assert "onnxruntime" not in sys.modules and "numpy" not in sys.modules, "importing genie should be free"
session = genie.load(sys.argv[1], device="cpu").start(prompt="the red sprite on snow", seed=3)
for action in session.world.actions.names * 3:
    frame = session.step(action)
session.rewind(5)
print(frame.shape, session.index)
"""


def test_playing_needs_neither_torch_nor_onnx(bundle: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLAY, bundle], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("(16, 16, 3) 13\n", "")
