"""A run folder's trained models, read back with their averaged weights, ready to be used and not trained."""

from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from genie.core.captions import CaptionTokenizer
from genie.core.phrases import PHRASES, Phrases
from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.captioner import Captioner, CaptionerConfig
from genie.models.draft import Drafter
from genie.models.dynamics import Dynamics, DynamicsConfig
from genie.models.latent_action import LatentActionConfig, LatentActionModel
from genie.models.text import TextConfig, TextModel
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from training import checkpoint
from training.placement import channels_last

VOCABULARY = "tokenizer.json"

MODELS: dict[str, tuple[type[nn.Module], type[Any]]] = {
    "tokenizer": (Tokenizer, TokenizerConfig),
    "latent-action": (LatentActionModel, LatentActionConfig),
    "keys": (ActionMap, ActionMapConfig),
    "text": (TextModel, TextConfig),
    "dynamics": (Dynamics, DynamicsConfig),
    "captioner": (Captioner, CaptionerConfig),
}
"""What each stage trains, and the config of it."""


def model_of(stage: str, sizes: dict[str, Any]) -> nn.Module:
    """A stage's model, new, of sizes as a checkpoint or a manifest tells them."""
    kind, config = MODELS[stage]
    return kind(checkpoint.config_from(config, sizes))


class Run:
    """One training's folder: a sub-folder a stage, each with its checkpoint."""

    def __init__(self, folder: Path, device: torch.device | str = "cpu") -> None:
        self.folder, self.device = folder, torch.device(device)

    def stage(self, name: str) -> Path:
        """The folder of a stage."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Whether a stage has a checkpoint."""
        return (self.stage(name) / "checkpoint.pt").exists()

    def state(self, name: str) -> dict[str, Any]:
        """A stage's whole checkpoint. Raises CheckpointError when there is none."""
        return checkpoint.load(self.stage(name) / "checkpoint.pt", self.device)

    def tokenizer(self) -> Tokenizer:
        """The trained tokenizer."""
        return channels_last(cast(Tokenizer, self._model("tokenizer")), self.device)

    def latent_action(self) -> LatentActionModel:
        """The trained latent action model."""
        return channels_last(cast(LatentActionModel, self._model("latent-action")), self.device)

    def drafter(self) -> Drafter:
        """What makes the dynamics' drafts, out of the latent action model and the tokenizer."""
        return Drafter(self.latent_action(), self.tokenizer())

    def keys(self) -> ActionMap:
        """The map from keys to latent codes."""
        return cast(ActionMap, self._model("keys"))

    def text(self) -> TextModel:
        """The trained text and image towers."""
        return cast(TextModel, self._model("text"))

    def vocabulary(self, stage: str = "text") -> CaptionTokenizer:
        """The caption tokenizer that the text model, or the captioner, was trained with."""
        length = self.state(stage)["config"]["length"]
        return CaptionTokenizer.load(self.stage(stage) / VOCABULARY, length)

    def phrases(self) -> Phrases | None:
        """What the captions are made of that the text model learned from; None where an earlier version
        trained it, which did not keep that."""
        path = self.stage("text") / PHRASES
        return Phrases.load(path) if path.exists() else None

    def dynamics(self) -> Dynamics:
        """The trained dynamics."""
        return cast(Dynamics, self._model("dynamics"))

    def _model(self, stage: str) -> nn.Module:
        state = self.state(stage)
        model = model_of(stage, state["config"])
        checkpoint.fill(model, state["average"], self.stage(stage) / "checkpoint.pt")
        return model.to(self.device).eval().requires_grad_(False)

    def captioner(self) -> Captioner:
        """The trained captioner."""
        return channels_last(cast(Captioner, self._model("captioner")), self.device)

    @torch.no_grad()
    def embed(self, ids: Tensor) -> Tensor:
        """Text embeddings [R, E] of rows of caption ids [R, length]."""
        text = self.text()
        return torch.cat([text(rows.to(self.device)) for rows in ids.split(512)])
