"""Bundles play what torch plays, are sealed only when they do, and take a former bundle's place only then."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
import torch

import genie
import training.parity
from genie.clips.frame_store import FrameStore
from genie.core.errors import ExportError
from genie.core.phrases import PHRASES, Phrases
from genie.models.latent_action import stacked
from genie.worlds import WorldSpec, read_world
from tests.support.tiny_run import LENGTH, SPRITE
from training import checkpoint, graph_files
from training import export as module
from training.export import ExportConfig, build_graphs, example_inputs, export
from training.parity import STEPS, _Rollout, check_parity
from training.trained import Run
from training.windows import pixels


@pytest.fixture(scope="module")
def world() -> WorldSpec:
    return read_world(SPRITE)


@pytest.fixture
def graphs(run: Path) -> dict[str, Any]:
    return build_graphs(Run(run))


def parity(graphs: dict[str, Any], bundle: Path, store: FrameStore) -> Any:
    step = example_inputs(graphs, LENGTH, 2)["dynamics"]
    return check_parity(
        graphs,
        bundle,
        frame=np.asarray(store.frames[0]),
        ids=np.array([2, 5, 6, 3, 0, 0, 0, 0]),
        actions=5,
        history=2,
        noise_shape=tuple(step["noise"].shape),
        cache_shape=tuple(step["cache"].shape),
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_plays_without_its_run(bundle: Path) -> None:
    world = genie.load(bundle, device="cpu")
    assert world.manifest.history == 2
    assert world.manifest.trained_on["actions"] == "latent codes"
    dynamics = world.manifest.trained_on["stages"]["dynamics"]
    assert {name: dynamics[name] for name in ("steps", "hours", "batch")} == {
        "steps": 9,
        "hours": 0.01,
        "batch": 4,
    }
    assert "judge" not in world.manifest.trained_on["stages"]
    played = [world.start(prompt="a red square", seed=seed) for seed in (3, 3, 4)]
    frames = np.array([[session.step(t % 5) for t in range(15)] for session in played])
    assert frames.shape == (3, 15, 32, 32, 3) and frames.dtype == np.uint8
    assert np.array_equal(frames[0], frames[1]) and not np.array_equal(frames[0], frames[2])


def test_a_bundle_carries_what_its_captions_are_made_of(bundle: Path, store: FrameStore) -> None:
    said = Phrases.load(bundle / PHRASES)
    assert said.templates
    said_in_slots = {
        text for values in said.values.values() for value in values.values() for text, _ in value
    }
    assert all(any(text in caption for caption in store.captions) for text in said_in_slots)


def test_torch_and_the_bundle_agree_past_the_wrap_of_the_cache(
    bundle: Path, graphs: dict[str, Any], store: FrameStore
) -> None:
    found = parity(graphs, bundle, store)
    assert found.steps == 2 * STEPS > 12
    assert 0 <= found.worst_frame < 0.5


class Slipping(_Rollout):
    """Rollouts of which the second, ONNX's, draws two digits otherwise at some of the steps."""

    begun = 0
    slips: frozenset[int] = frozenset()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.slipping = Slipping.begun % 2 == 1
        Slipping.begun += 1

    def step(self, position: int, *args: Any) -> None:
        super().step(position, *args)
        if self.slipping and position in self.slips:
            self.tokens = self.tokens.clone()
            self.tokens.view(-1)[:2] = (self.tokens.view(-1)[:2] + 1) % 5


def test_a_few_ties_are_gone_on_from_and_no_more(
    bundle: Path, graphs: dict[str, Any], store: FrameStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.parity, "_Rollout", Slipping)
    monkeypatch.setattr(training.parity, "TIE", 0.1)
    monkeypatch.setattr(Slipping, "slips", frozenset((3, 4, 20, 49)))
    found = parity(graphs, bundle, store)
    assert (found.steps, found.ties) == (2 * STEPS, 2 * 4) and found.worst_frame < 0.5
    monkeypatch.setattr(Slipping, "slips", frozenset(range(3, 9)))
    with pytest.raises(ExportError, match="too often to be ties, at steps 3, 4, 5, 6, 7, 8"):
        parity(graphs, bundle, store)
    monkeypatch.setattr(training.parity, "TIE", 0.0)
    with pytest.raises(ExportError, match="at step 3"):
        parity(graphs, bundle, store)


@pytest.mark.parametrize(
    ("graph", "weight"),
    [
        ("encode", "tokenizer.encoder.1.weight"),
        ("decode", "tokenizer.decoder.0.weight"),
        ("text", "project.weight"),
        ("dynamics", "dynamics.blocks.1.time.q.weight"),
        ("dynamics", "dynamics.sampler.0.mlp.up.weight"),
        ("dynamics", "keys.readout.weight"),
    ],
)
def test_one_weight_that_differs_is_found(
    bundle: Path, graphs: dict[str, Any], store: FrameStore, graph: str, weight: str
) -> None:
    graphs[graph].get_parameter(weight).mul_(-1)
    with pytest.raises(ExportError, match=r"differs? from torch"):
        parity(graphs, bundle, store)


def test_a_key_means_the_code_that_the_map_gives_it_in_this_place(
    run: Path, graphs: dict[str, Any], store: FrameStore
) -> None:
    """The graph must see the past as the latent action model did when the map was learned."""
    latent_action = graphs["dynamics"].drafter.latent_action  # its weights are rounded
    told: list[int] = []

    def step(tokens: Any, action: torch.Tensor, *_: Any) -> Any:
        told.append(int(action))
        return SimpleNamespace(digits=tokens, cache=None)

    graph = graphs["dynamics"]
    graph.dynamics.step = step
    expected = []
    for row in (0, 30, 60, 90):
        frames = torch.from_numpy(np.asarray(store.frames[row : row + 2]))[None]
        glance = latent_action.glance(latent_action.past(stacked(pixels(frames))))
        for key in range(5):
            graph(None, frames, torch.tensor([key]), *[None] * 5)
            expected.append(int(graphs["dynamics"].keys.meant(torch.tensor([key]), glance)))
    assert told == expected
    assert len(set(told)) > 1


class Broken:
    """An export that comes out as another model: the former files, and torch with one weight changed."""

    def __init__(self, bundle: Path, patch: pytest.MonkeyPatch) -> None:
        self.sealed: list[Any] = []
        names = iter(module.BITS)
        build = module.build_graphs

        def changed(run: Run, **how: Any) -> dict[str, Any]:
            graphs = build(run, **how)
            graphs["dynamics"].get_parameter("dynamics.head.weight").mul_(-1)
            return graphs

        def written(*_: Any) -> Any:
            return SimpleNamespace(model_proto=onnx.load(bundle / f"{next(names)}.onnx"))

        patch.setattr(module, "build_graphs", changed)
        patch.setattr(graph_files, "onnx_program", written)
        patch.setattr(module, "write_manifest", lambda *given: self.sealed.append(given))


def test_a_failed_export_is_not_sealed_and_leaves_the_former_bundle(
    bundle: Path,
    run: Path,
    store: FrameStore,
    world: WorldSpec,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = contents(bundle)
    broken = Broken(bundle, monkeypatch)
    monkeypatch.setattr(module.FrameStore, "open", lambda folder, split, cache=None: store)
    with pytest.raises(ExportError, match="differ from torch"):
        export(ExportConfig(data=run, run=run, out=bundle), world)
    assert broken.sealed == []
    assert contents(bundle) == before
    assert [path.name for path in bundle.parent.iterdir()] == [bundle.name], "nothing half-written stays"


def test_a_folder_that_is_no_bundle_is_never_replaced(run: Path, world: WorldSpec, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ExportError, match="is not a bundle"):
        export(ExportConfig(data=run, run=run, out=tmp_path), world)
    assert contents(tmp_path) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize("stage", ["tokenizer", "latent-action", "keys", "text", "dynamics"])
def test_a_missing_stage_is_one_line_and_leaves_nothing(
    store: FrameStore,
    world: WorldSpec,
    run: Path,
    tmp_path: Path,
    stage: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.FrameStore, "open", lambda folder, split, cache=None: store)
    partly = tmp_path / "run"
    for path in run.glob("*/*"):
        if path.parent.name != stage:
            (partly / path.parent.name).mkdir(parents=True, exist_ok=True)
            (partly / path.parent.name / path.name).write_bytes(path.read_bytes())
    with pytest.raises(checkpoint.CheckpointError, match=f"{stage}.*train that stage first"):
        export(ExportConfig(data=run, run=partly, out=tmp_path / "out"), world)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_codes_can_be_the_actions_and_need_no_map_from_keys(
    run: Path, store: FrameStore, world: WorldSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a world learned from videos without labels is played with."""
    monkeypatch.setattr(module.FrameStore, "open", lambda folder, split, cache=None: store)
    unlabelled = tmp_path / "run"
    shutil.copytree(run, unlabelled, ignore=shutil.ignore_patterns("keys"))
    out = export(ExportConfig(data=run, run=unlabelled, out=tmp_path / "bundle", codes=True), world)
    played = genie.load(out, device="cpu")
    codes = build_graphs(Run(run))["dynamics"].dynamics.config.actions
    assert played.actions.names == tuple(f"code-{code}" for code in range(codes))
    assert not played.actions.keys
    assert played.manifest.trained_on["actions"] == "latent codes"
    frames = [played.start(seed=3).step(code) for code in range(codes)]
    assert len({frame.tobytes() for frame in frames}) > 1, "codes lead to different frames"
