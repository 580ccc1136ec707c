"""The five graphs of a bundle as traceable torch modules: what ONNX needs is done here, not in the models."""

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from genie.models.action_map import ActionMap
from genie.models.draft import Drafter
from genie.models.dynamics import Dynamics
from genie.models.text import TextModel
from genie.models.tokenizer import Tokenizer
from training.windows import pixels


class EncodeGraph(nn.Module):
    """frame uint8 [1, H, W, 3] -> tokens int64 [1, N, D]."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, frame: Tensor) -> Tensor:
        return self.tokenizer.encode(pixels(frame))


class DecodeGraph(nn.Module):
    """tokens int64 [1, N, D] -> frame uint8 [1, H, W, 3]."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.tokenizer = tokenizer

    def forward(self, tokens: Tensor) -> Tensor:
        frame = self.tokenizer.decode(tokens)
        return rearrange((frame + 1) * 127.5, "b c h w -> b h w c").round().to(torch.uint8)


class TextGraph(nn.Module):
    """ids int64 [1, length] -> condition float32 [1, C], and what was said, a unit vector float32 [1, E].

    The condition is the text's share of every layer's modulations, and what the dynamics are told of how far
    the past is spoiled (0 to 1). It runs when the prompt changes, so that an unchanged prompt costs a step
    nothing.
    """

    def __init__(self, text: TextModel, dynamics: Dynamics, spoiled: float) -> None:
        super().__init__()
        self.text, self.project = text, dynamics.text
        self.spoiled, self.share = dynamics.spoiled, spoiled

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        said = self.text(ids)
        return self.project(said) + self.spoiled * self.share, said


class LookGraph(nn.Module):
    """frame uint8 [1, H, W, 3] -> what it shows, a unit vector float32 [1, E]: near what is said of it."""

    def __init__(self, text: TextModel) -> None:
        super().__init__()
        self.text = text

    def forward(self, frame: Tensor) -> Tensor:
        return self.text.look(pixels(frame))


class DynamicsGraph(nn.Module):
    """One step of play: from the current frame's tokens and the player's action to the next frame's tokens.

    With an action map, the action is a key, and its code is chosen by what the last frames look like.
    """

    def __init__(self, dynamics: Dynamics, drafter: Drafter | None, keys: ActionMap | None) -> None:
        super().__init__()
        self.dynamics, self.drafter, self.keys = dynamics, drafter, keys

    def forward(
        self,
        tokens: Tensor,
        frames: Tensor,
        action: Tensor,
        condition: Tensor,
        noise: Tensor,
        temperature: Tensor,
        position: Tensor,
        cache: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Inputs and outputs as in the bundle's contract (see genie.runtime): tokens, cache."""
        draft = None
        if self.drafter is not None:
            past = pixels(frames).flatten(1, 2)
            if self.keys is None:
                draft = self.drafter(past, action)
            else:
                action, draft = self.drafter.by_key(past, action, self.keys)
            if not self.dynamics.config.draft:
                draft = None
        step = self.dynamics.step(tokens, action, condition, noise, temperature, position, cache, draft)
        return step.digits, step.cache


def onnx_program(graph: nn.Module, inputs: dict[str, Tensor], outputs: list[str]) -> torch.onnx.ONNXProgram:
    """Export a graph at opset 23 with static shapes; weights keep the names they have in torch."""
    # The plain form of attention: the fused one's strides cannot be traced.
    with sdpa_kernel(SDPBackend.MATH):
        program = torch.onnx.export(
            graph.eval(),
            kwargs=inputs,
            input_names=list(inputs),
            output_names=outputs,
            opset_version=23,
            dynamo=True,
            optimize=False,  # keeps the weights and their names as they are; the runtime optimises at load
            verbose=False,
        )
    assert program is not None
    return program
