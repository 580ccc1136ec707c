import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from genie.core.actions import Action, ActionSet
from genie.core.errors import BundleError, ExportError
from genie.core.manifest import Manifest, read_manifest, write_manifest
from genie.core.manifest_schema import to_json


def manifest() -> Manifest:
    return Manifest(
        world="toy",
        title="Toy",
        description="A toy.",
        frame_size=(16, 24),
        fps=15,
        actions=ActionSet([Action("noop"), Action("right+up", ("right", "up"))], idle="noop"),
        window=4,
        token_shape=(16, 2),
        levels=5,
        history=2,
        passes=2,
        temperature=0.5,
        strength=1.5,
        emphasis=1.25,
        text_length=8,
        default_prompt="a toy",
        trained_on={"clips": 3},
        scores={"psnr": 30.5},
        credits="nobody",
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "starts.npz").write_bytes(b"starts")
    (tmp_path / "dynamics.onnx").write_bytes(b"dynamics" * 1000)
    write_manifest(tmp_path, manifest())
    return tmp_path


def test_a_written_manifest_reads_back_with_its_files(bundle: Path) -> None:
    read = read_manifest(bundle)
    assert dataclasses.replace(read, files={}) == manifest()
    assert {name: record.size for name, record in read.files.items()} == {
        "starts.npz": 6,
        "dynamics.onnx": 8000,
    }
    assert sorted(path.name for path in bundle.iterdir()) == ["dynamics.onnx", "manifest.json", "starts.npz"]


def test_the_digest_follows_what_decides_frames_and_not_what_is_told(bundle: Path) -> None:
    before = read_manifest(bundle).digest
    write_manifest(bundle, dataclasses.replace(manifest(), scores={"psnr": 31}, title="New"))
    assert read_manifest(bundle).digest == before
    (bundle / "dynamics.onnx").write_bytes(b"better!!" * 1000)
    write_manifest(bundle, manifest())
    assert read_manifest(bundle).digest != before


def remove(path: Path) -> None:
    path.unlink()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def alter(path: Path) -> None:
    path.write_bytes(b"D" + path.read_bytes()[1:])


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "word"),
    [(remove, "missing"), (truncate, "truncated"), (alter, "altered"), (make_folder, "not a file")],
)
def test_a_damaged_file_is_named(bundle: Path, damage: Callable[[Path], None], word: str) -> None:
    damage(bundle / "dynamics.onnx")
    with pytest.raises(BundleError, match=f"dynamics.onnx.*{word}"):
        read_manifest(bundle)


def test_a_file_that_is_not_listed_is_named(bundle: Path) -> None:
    (bundle / ".DS_Store").touch()
    read_manifest(bundle)
    (bundle / "extra.bin").touch()
    with pytest.raises(BundleError, match=r"extra\.bin.*not listed"):
        read_manifest(bundle)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BundleError, match="not a world bundle"):
            read_manifest(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '"\\ud800', "{}"])
def test_a_manifest_that_is_no_manifest_is_refused(bundle: Path, text: str) -> None:
    (bundle / "manifest.json").write_text(text)
    with pytest.raises(BundleError, match=r"manifest\.json"):
        read_manifest(bundle)


def test_a_bundle_from_before_emphasis_stays_the_one_it_was(bundle: Path) -> None:
    """Its sessions go on: what they hold against the bundle, its digest, is as it was."""
    data = json.loads((bundle / "manifest.json").read_text())
    del data["sampling"]["emphasis"]
    (bundle / "manifest.json").write_text(json.dumps(data))
    read = read_manifest(bundle)
    assert read.emphasis == 1
    assert "emphasis" not in to_json(read)["sampling"]
    assert read.digest != manifest().digest


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("schema", 3, "update genie"),
        ("fps", "15", "fps"),
        ("fps", True, "fps"),
        ("window", 0, "window"),
        ("frame", {"height": 64}, "frame.width"),
        ("tokens", {"shape": [64], "levels": 5}, "tokens.shape"),
        ("actions", [{"name": "a", "keys": "left"}], "keys"),
        ("actions", [], "at least one action"),
        ("idle", "stop", "stop"),
        ("sampling", {"passes": 1, "temperature": float("nan"), "strength": 1}, "temperature"),
        ("sampling", {"passes": 1, "temperature": 1, "strength": 11}, "strength"),
        ("sampling", {"passes": 1, "temperature": 1, "strength": 1, "emphasis": 0.5}, "emphasis"),
        ("starts", {"file": "../starts.npz"}, "plain"),
        ("starts", {"file": "other.npz"}, "other.npz"),
        ("files", {"../../x": {"size": 1, "sha256": "0" * 64}}, "plain"),
        ("files", {"a": {"size": 1, "sha256": "0"}}, "'a'"),
    ],
)
def test_a_wrong_field_is_named(bundle: Path, path: str, value: object, told: str) -> None:
    data = json.loads((bundle / "manifest.json").read_text())
    data[path] = value
    (bundle / "manifest.json").write_text(json.dumps(data))
    with pytest.raises(BundleError, match=told):
        read_manifest(bundle)


def test_every_field_is_needed(bundle: Path) -> None:
    whole = json.loads((bundle / "manifest.json").read_text())
    for name in whole:
        (bundle / "manifest.json").write_text(json.dumps({k: v for k, v in whole.items() if k != name}))
        with pytest.raises(BundleError, match=name):
            read_manifest(bundle)


def test_a_bundle_that_cannot_be_written_leaves_the_old_manifest(bundle: Path) -> None:
    before = (bundle / "manifest.json").read_bytes()
    with pytest.raises(ExportError):
        write_manifest(bundle, dataclasses.replace(manifest(), scores={"psnr": float("nan")}))
    assert (bundle / "manifest.json").read_bytes() == before
    with pytest.raises(ExportError):
        write_manifest(bundle / "nowhere", manifest())
    (bundle / "starts.npz").unlink()
    with pytest.raises(BundleError, match=r"starts\.npz"):
        write_manifest(bundle, manifest())
    assert sorted(path.name for path in bundle.iterdir()) == ["dynamics.onnx", "manifest.json"]
