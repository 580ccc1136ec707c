import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import genie
from genie.core.errors import BundleError, DeviceError
from genie.core.manifest import read_manifest, write_manifest
from genie.runtime import devices
from genie.runtime.world import World


@pytest.fixture
def own(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / "own"))


def test_a_world_loads_by_path_and_says_what_it_is(bundle: Path) -> None:
    world = genie.load(bundle, device="cpu")
    assert (world.id, world.fps, world.frame_size, world.device) == ("tiny", 15, (16, 16), "cpu")
    assert world.actions.names[0] == "noop"
    assert world.manifest.window == 4
    assert world.unknown_words("a red dragon") == ["dragon"]


FILES = (
    "dynamics.onnx",
    "text.onnx",
    "look.onnx",
    "encode.onnx",
    "decode.onnx",
    "tokenizer.json",
    "starts.npz",
)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_truncated_file_is_named(own: Path, name: str) -> None:
    (own / name).write_bytes((own / name).read_bytes()[:-10])
    with pytest.raises(BundleError, match=f"{name}.*truncated"):
        genie.load(own)
    (own / name).unlink()
    with pytest.raises(BundleError, match=f"{name}.*missing"):
        genie.load(own)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_sealed_broken_is_named(own: Path, name: str) -> None:
    manifest = read_manifest(own)
    (own / name).write_bytes(b"not what it says")
    write_manifest(own, manifest)
    with pytest.raises(BundleError, match=name) as caught:
        World.open(own, device="cpu")
    assert "\n" not in str(caught.value)


def test_a_bundle_sealed_without_a_graph_is_refused(own: Path) -> None:
    (own / "decode.onnx").unlink()
    write_manifest(own, dataclasses.replace(read_manifest_of(own), files={}))
    with pytest.raises(BundleError, match=r"decode\.onnx.*missing"):
        World.open(own, device="cpu")


def read_manifest_of(folder: Path) -> genie.core.manifest.Manifest:
    """Read the manifest of a bundle that no longer verifies."""
    import json

    from genie.core.manifest_schema import from_json

    return from_json(json.loads((folder / "manifest.json").read_text()))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"window": 5}, "dynamics.onnx.*window 5"),
        ({"history": 3}, "dynamics.onnx.*'frames'"),
        ({"token_shape": (16, 3)}, "encode.onnx"),
        ({"text_length": 9}, "text.onnx.*'ids'"),
        ({"frame_size": (16, 17)}, "starts.npz"),
    ],
)
def test_graphs_that_disagree_with_the_manifest_are_named(own: Path, change: dict, told: str) -> None:
    write_manifest(own, dataclasses.replace(read_manifest(own), **change))
    with pytest.raises(BundleError, match=told):
        World.open(own, device="cpu")


def save_starts(**arrays: np.ndarray) -> Callable[[Path], None]:
    return lambda file: np.savez(file, **arrays)


FRAMES = np.zeros((2, 16, 16, 3), np.uint8)


@pytest.mark.parametrize(
    "save",
    [
        save_starts(frames=FRAMES),
        save_starts(frames=FRAMES, captions=np.array(["one"])),
        save_starts(frames=FRAMES, captions=np.array([1, 2])),
        save_starts(frames=FRAMES.astype(np.float32), captions=np.array(["a", "b"])),
        save_starts(frames=FRAMES[:0], captions=np.array([], dtype="U1")),
        save_starts(frames=FRAMES, captions=np.array(["a", None], dtype=object)),
    ],
)
def test_start_frames_that_are_none_are_refused(own: Path, save: Callable[[Path], None]) -> None:
    manifest = read_manifest(own)
    save(own / "starts.npz")
    write_manifest(own, manifest)
    with pytest.raises(BundleError, match=r"starts\.npz"):
        World.open(own, device="cpu")


def test_an_unknown_device_is_refused(bundle: Path) -> None:
    with pytest.raises(DeviceError, match="auto, cpu, cuda"):
        genie.load(bundle, device="gpu")


def test_cuda_without_a_gpu_is_an_error_and_auto_says_cpu(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "_gpu_count", lambda: 0)
    with pytest.raises(DeviceError, match=r"no NVIDIA GPU.*--device cpu") as caught:
        genie.load(bundle, device="cuda")
    assert caught.value.exit_code == 1
    assert genie.load(bundle, device="auto").device == "cpu"
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_gpu_that_onnx_runtime_cannot_use_is_an_error_and_auto_says_cpu(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # As on a machine with a driver but without the CUDA libraries: the provider is listed, and does not load.
    if devices._gpu_count():
        pytest.skip("there is a GPU here")
    monkeypatch.setattr(devices, "_gpu_count", lambda: 1)
    monkeypatch.setattr(devices.onnxruntime, "get_available_providers", lambda: [devices.CUDA])
    with pytest.raises(DeviceError, match=r"genie\[cuda\]"):
        genie.load(bundle, device="cuda")
    assert genie.load(bundle, device="auto").device == "cpu"
    assert capfd.readouterr() == ("", "")


@pytest.mark.cuda
@pytest.mark.skipif(not devices._gpu_count(), reason="needs an NVIDIA GPU")
def test_cuda_plays_the_same_sprite(bundle: Path) -> None:
    frames = []
    for device in ("cpu", "cuda"):
        session = genie.load(bundle, device=device).start(seed=1)
        frames.append([session.step(key) for key in (1, 2, 3, 4, 5) * 4])
        assert np.array_equal(session.rewind(9), frames[-1][10])
    assert np.array_equal(*frames)
