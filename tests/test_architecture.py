"""The house rules: who may import what, how long a file may be, and that playing needs no torch."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.tiny_bundle import write_tiny_bundle

ROOT = Path(__file__).resolve().parent.parent
CODE = ("genie", "training", "worlds")
LINT = "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo', '--no-cache'])"
SHIPPED = sorted(path.parent for path in (ROOT / "worlds").glob("*/bundle/manifest.json"))
# Everything that only training installs. A module set to None in sys.modules cannot be imported.
BLOCKED = ("torch", "onnx", "onnxscript", "transformers", "einops", "safetensors", "tyro", "rich", "training")
PLAY = f"""
import sys
sys.modules.update(dict.fromkeys({BLOCKED!r}))
from genie.app.cli import main
sys.exit(main(sys.argv[1:]))
"""


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def our_python() -> list[Path]:
    """Every Python file of ours: not those of a virtual environment, which lies in the checkout too."""
    return [*sorted(ROOT.glob("*.py")), *python_files(*CODE, "tests", "scripts", "docs")]


def run(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirement_name(line: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", line).group().lower().replace("_", "-")


# Imports


def test_imports_run_one_way():
    result = run(sys.executable, "-c", LINT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("genie/core/errors.py", "import torch"),
        ("genie/app/cli.py", "import genie.models"),
        ("genie/core/errors.py", "import genie.worlds"),
        ("genie/runtime/__init__.py", "import pickle"),
        ("training/record.py", "import genie.runtime"),
        ("genie/clips/__init__.py", "import training"),
        ("genie/app/cli.py", "import gymnasium"),
        ("genie/runtime/world.py", "import genie.envs"),
    ],
)
def test_the_contracts_catch_an_import_that_runs_the_other_way(tmp_path, module, line):
    for folder in ("genie", "training"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    result = run(sys.executable, "-c", LINT, cwd=tmp_path)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout


@pytest.mark.parametrize("world", ["tiny", *(path.parent.name for path in SHIPPED)])
def test_playing_needs_nothing_that_only_training_installs(tmp_path, world):
    played = write_tiny_bundle(tmp_path / "tiny") if world == "tiny" else ROOT / "worlds" / world / "bundle"
    clip = tmp_path / "clip.mp4"
    result = run(
        sys.executable,
        "-c",
        PLAY,
        played,
        "--headless",
        "--keys",
        "right:3 noop:2",
        "--device",
        "cpu",
        "--export",
        clip,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert clip.stat().st_size > 0


def test_importing_genie_is_light():
    script = (
        "import sys, genie; print([m for m in ('numpy', 'onnxruntime', 'pygame', 'av') if m in sys.modules])"
    )
    assert run(sys.executable, "-c", script).stdout.strip() == "[]"


# Files


def test_no_file_is_over_300_lines():
    lengths = {
        str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in our_python()
    }
    assert len(lengths) > 40
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_play_is_twenty_lines_at_most():
    assert len((ROOT / "play.py").read_text(encoding="utf-8").splitlines()) <= 20


def test_no_file_is_a_drawer_for_anything():
    drawers = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    assert [path for path in our_python() if path.name in drawers] == []


def test_nothing_outside_worlds_names_a_world():
    names = {path.parent.name for path in (ROOT / "worlds").glob("*/world.toml")}
    names |= {path.name.strip("_") for path in (ROOT / "worlds").glob("_*") if path.name != "__pycache__"}
    assert names
    named = re.compile(rf"(?<![a-z])({'|'.join(map(re.escape, sorted(names)))})(?![a-z])", re.IGNORECASE)
    files = [*python_files("genie", "training"), ROOT / "play.py"]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if named.search(line)
    ]
    assert found == []


def test_nothing_is_unpickled():
    unsafe = {"allow_pickle": True, "weights_only": False}
    found = []
    for path in python_files(*CODE):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for keyword in node.keywords if isinstance(node, ast.Call) else ():
                value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                if keyword.arg in unsafe and value is unsafe[keyword.arg]:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {keyword.arg}={value}")
    assert found == []


def test_every_part_has_its_tests():
    parts = [path.parent for path in sorted((ROOT / "genie").glob("*/__init__.py"))] + [ROOT / "training"]
    untested = [part.name for part in parts if not list((ROOT / "tests" / part.name).rglob("test_*.py"))]
    assert untested == []


# The package and the README


def test_the_version_is_said_once():
    from genie import __version__

    assert project()["version"] == __version__


def test_playing_depends_on_what_the_design_says():
    names = {requirement_name(line) for line in project()["dependencies"]}
    assert names == {"numpy", "onnxruntime-gpu", "onnxruntime", "pygame", "tokenizers", "av"}


def test_every_dependency_is_pinned_and_nothing_names_an_index():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9.-]+==[0-9][a-z0-9.]*", line)] == []
    extras = [line for extra in project()["optional-dependencies"].values() for line in extra]
    wanted = {requirement_name(line) for line in [*project()["dependencies"], *extras]}
    assert wanted - {line.split("==")[0] for line in pins} == set()


@pytest.mark.parametrize("end", ["python play.py", "python -m pytest"])
def test_the_readme_has_one_line_that_installs_and(end):
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    fitting = [
        n
        for n, line in enumerate(lines)
        if line.startswith("python3 -m venv .venv && ") and line.endswith(end)
    ]
    assert len(fitting) == 1
    assert fitting[0] < 25, "it stands at the top"
    assert "-c constraints.txt" in lines[fitting[0]]


def test_the_readme_names_only_what_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    paths = re.findall(r"`((?:docs|genie|training|scripts|worlds|\.ci)/[\w./-]*)`", text)
    assert [path for path in {*links, *paths} if not (ROOT / path).exists()] == []
    verbs = set(re.findall(r"python -m training ([a-z]+)", text))
    listed = run(sys.executable, "-m", "training", "--help").stdout
    assert [verb for verb in verbs if not re.search(rf"\b{verb}\b", listed)] == []


@pytest.mark.skipif(os.name == "nt", reason="file modes mean nothing on Windows")
@pytest.mark.parametrize("script", [".ci/run", "scripts/check"])
def test_scripts_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)
    assert run("bash", "-n", ROOT / script).returncode == 0
