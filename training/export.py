"""Export: a run's models as a bundle that plays without torch, checked against torch before it is sealed."""

import copy
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from genie.clips.atomic import replace_folder, restore_folder, staged_beside
from genie.clips.frame_store import FrameStore
from genie.core.actions import Action, ActionSet
from genie.core.errors import ExportError
from genie.core.manifest import MANIFEST, Manifest, write_manifest
from genie.core.phrases import PHRASES
from genie.models.dynamics import DynamicsConfig
from genie.worlds import WorldSpec
from training.captioning.embedded import pack
from training.graph_files import round_weights, write_graph
from training.graphs import DecodeGraph, DynamicsGraph, EncodeGraph, LookGraph, TextGraph
from training.levels import began_with, level_bounds
from training.parity import Parity, check_parity
from training.phrases import find_phrases
from training.play_defaults import EMPHASIS, SPOILED, STRENGTH, TEMPERATURE, check_played
from training.presets import EXTRA_STAGES, STAGES
from training.pretrained_ranker import PretrainedRanker
from training.start_frames import start_clips, start_frames
from training.trained import VOCABULARY, Run

# How many bits each graph's weights are stored in.
BITS = {"encode": 16, "decode": 16, "text": 16, "look": 8, "dynamics": 8}


@dataclass(frozen=True, kw_only=True)
class ExportConfig:
    """data: the dataset, for start frames; run: the training; out: the bundle, the world's own where None.

    temperature: how boldly tokens are drawn; strength: how much words count, 1 being as trained; as the
    world's own world.toml says, or as usual, where None.
    codes: the actions are the latent codes themselves, on no keys: whoever plays gives them theirs.
    captioner: put the run's captioner beside the bundle.
    ranker: a pretrained CLIP by name, or a folder of one, that ranks first frames; else the world's own does.
    cache: where the decoded frames lie; in the dataset where None.
    """

    data: Path
    run: Path
    out: Path | None = None
    temperature: float | None = None
    strength: float | None = None
    codes: bool = False
    captioner: bool = False
    ranker: str | None = None
    cache: Path | None = None

    def __post_init__(self) -> None:
        check_played(self.temperature, self.strength)


def export(config: ExportConfig, world: WorldSpec) -> Path:
    """Write a world's bundle and return its folder.

    All is made and checked in a folder beside it, which then takes its place: an export that fails leaves the
    bundle that was there, and what a kill leaves is put right by the next. Raises CheckpointError for a
    missing stage, ExportError when ONNX and torch differ.
    """
    out = config.out or world.bundle
    restore_folder(out)
    _may_be_replaced(out)
    run = Run(config.run)
    ranker = PretrainedRanker(config.ranker) if config.ranker else None
    graphs = build_graphs(run, codes=config.codes)
    if config.codes:
        world = replace(world, actions=codes_alone(graphs["dynamics"].dynamics.config))
    store = FrameStore.open(config.data, "train", config.cache)
    with staged_beside(out) as staging:
        phrases = run.phrases() or find_phrases(store)
        frames, captions = start_frames(*start_clips(config.data, store, list(phrases.values), config.cache))
        np.savez_compressed(staging / "starts.npz", frames=frames, captions=np.array(captions))
        shutil.copy(run.stage("text") / VOCABULARY, staging / VOCABULARY)
        phrases.save(staging / PHRASES)
        parity = write_graphs(graphs, staging, run, frames[0], captions[0], len(world.actions))
        if ranker:
            ranker.write(staging, frames[0], captions[0])
        write_manifest(staging, _manifest(config, world, run, store, graphs["dynamics"], parity, captions))
        staging.chmod(0o755)  # it was made private
        replace_folder(staging, out)
        if config.captioner:
            pack(run, out.parent)
    return out


def _may_be_replaced(out: Path) -> None:
    # What is there will be deleted: it has to be a bundle, not somebody's home.
    if out.exists() and not (out / MANIFEST).is_file() and not (out.is_dir() and not any(out.iterdir())):
        raise ExportError(f"{out} is there and is not a bundle: give a new folder to --out")


def build_graphs(run: Run, *, codes: bool = False) -> dict[str, Any]:
    """The five graphs of a run as torch modules, their weights rounded as they will be stored.

    With `codes`, an action of play is a latent code. Raises CheckpointError for a missing stage, the map from
    keys included where the dynamics are told codes and play tells keys.
    """
    tokenizer, dynamics, text = run.tokenizer(), run.dynamics(), run.text()
    latent = dynamics.config.told == "codes"
    graphs: dict[str, nn.Module] = {
        "encode": EncodeGraph(tokenizer),
        "decode": DecodeGraph(tokenizer),
        "text": TextGraph(text, dynamics, SPOILED),
        "look": LookGraph(text),
        "dynamics": DynamicsGraph(
            dynamics,
            run.drafter() if latent or dynamics.config.draft else None,
            run.keys() if latent and not codes else None,
        ),
    }
    graphs = {name: copy.deepcopy(graph).eval() for name, graph in graphs.items()}
    for name, graph in graphs.items():
        round_weights(graph, BITS[name])
    return graphs


def codes_alone(dynamics: DynamicsConfig) -> ActionSet:
    """Return the actions of a world whose codes nobody has put on keys; play finds out which one is idle."""
    if dynamics.told != "codes":
        raise ExportError("This model is told keys, not latent codes: export it without --codes.")
    return ActionSet([Action(f"code-{code}") for code in range(dynamics.actions)], idle="code-0")


def example_inputs(graphs: dict[str, Any], length: int, history: int) -> dict[str, dict[str, Tensor]]:
    """Inputs of the right shapes for each graph, as in the bundle's contract."""
    tokenizer, dynamics = graphs["encode"].tokenizer, graphs["dynamics"].dynamics
    c = dynamics.config
    height, width = tokenizer.config.height, tokenizer.config.width
    tokens = torch.zeros(1, c.places, c.dims, dtype=torch.int64)
    return {
        "encode": {"frame": torch.zeros(1, height, width, 3, dtype=torch.uint8)},
        "decode": {"tokens": tokens},
        "text": {"ids": torch.full((1, length), 2)},
        "look": {"frame": torch.zeros(1, height, width, 3, dtype=torch.uint8)},
        "dynamics": {
            "tokens": tokens,
            "frames": torch.zeros(1, history, height, width, 3, dtype=torch.uint8),
            "action": torch.zeros(1, dtype=torch.int64),
            "condition": torch.zeros(1, dynamics.text.out_features),
            "noise": torch.full((2, 1, c.places, c.dims), 0.5),
            "temperature": torch.ones(1),
            "position": torch.zeros(1, dtype=torch.int64),
            "cache": torch.zeros(c.cache_shape),
        },
    }


OUTPUTS = {
    "encode": ["tokens"],
    "decode": ["frame"],
    "text": ["condition", "said"],
    "look": ["seen"],
    "dynamics": ["next_tokens", "next_cache"],
}


def write_graphs(
    graphs: dict[str, Any], folder: Path, run: Run, frame: np.ndarray, caption: str, actions: int
) -> Parity:
    """Write the five .onnx files, and hold them against torch."""
    vocabulary = run.vocabulary()
    history = _history(graphs["dynamics"])
    inputs = example_inputs(graphs, vocabulary.length, history)
    for name, graph in graphs.items():
        write_graph(graph, inputs[name], OUTPUTS[name], BITS[name], folder / f"{name}.onnx")
    step = inputs["dynamics"]
    return check_parity(
        graphs,
        folder,
        frame=frame,
        ids=vocabulary.encode(caption),
        actions=actions,
        history=history,
        noise_shape=tuple(step["noise"].shape),
        cache_shape=tuple(step["cache"].shape),
    )


def _history(dynamics: Any) -> int:
    return 1 if dynamics.drafter is None else dynamics.drafter.history


def _manifest(
    config: ExportConfig,
    world: WorldSpec,
    run: Run,
    store: FrameStore,
    graph: Any,
    parity: Parity,
    captions: list[str],
) -> Manifest:
    c = graph.dynamics.config
    before = began_with(run.stage(name) for name in STAGES if name not in EXTRA_STAGES)
    return Manifest(
        world=world.id,
        title=world.title,
        description=world.description,
        frame_size=world.frame_size,
        fps=world.fps,
        actions=world.actions,
        window=c.window,
        token_shape=(c.places, c.dims),
        levels=c.levels,
        history=_history(graph),
        passes=c.passes,
        temperature=_chosen(config.temperature, world.play.get("temperature"), TEMPERATURE),
        strength=_chosen(config.strength, world.play.get("strength"), STRENGTH),
        emphasis=world.play.get("emphasis", EMPHASIS),
        text_length=run.vocabulary().length,
        default_prompt=world.prompt or captions[0],
        trained_on={
            "clips": len(store.starts) - 1,
            "frames": len(store.frames),
            "data_hash": store.hash,
            "levels": level_bounds(store),
            **({"began_with": before} if before else {}),
            **({"ranker": Path(config.ranker).name} if config.ranker else {}),
            "actions": "latent codes" if graph.dynamics.config.told == "codes" else "true keys",
            "parity": {
                "steps": parity.steps,
                "ties": parity.ties,
                "worst_frame_in_grey_levels": round(parity.worst_frame, 4),
            },
            "stages": {
                name: _training(run, name) for name in STAGES if name not in EXTRA_STAGES and run.has(name)
            },
        },
        credits=world.credits,
    )


def _training(run: Run, stage: str) -> dict[str, Any]:
    state = run.state(stage)
    hours = round(state["seconds"] / 3600, 3)
    return {
        "steps": state["step"],
        "hours": hours,
        "batch": state["loop"]["batch"],
        "sizes": state["config"],
    }


def _chosen(asked: float | None, own: float | None, usual: float) -> float:
    return asked if asked is not None else usual if own is None else own
