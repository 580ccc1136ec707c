"""A bundle's step in plain PyTorch, as it would be played without ONNX: what the runtime is held against."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from genie.core.errors import BundleError
from genie.core.manifest import Manifest, read_manifest
from genie.models.action_map import ActionMap, ActionMapConfig
from genie.models.draft import Drafter
from genie.models.dynamics import Dynamics, DynamicsConfig
from genie.models.latent_action import LatentActionConfig, LatentActionModel
from genie.models.quantizer import FSQConfig
from genie.models.tokenizer import Tokenizer, TokenizerConfig
from genie.runtime.noise import step_noise
from training.graphs import DecodeGraph, DynamicsGraph
from training.placement import channels_last
from training.shrink import weights_of

Weights = Mapping[str, np.ndarray]
FORMER = ("dynamics.hidden",)  # a vector added for hidden tokens before digits were hidden: it costs nothing


def eager_step(bundle: Path, device: str) -> Callable[[int], np.ndarray]:
    """A function that takes an action and returns the next frame, uint8 [H, W, 3], going on from the last.

    It computes what the bundle's graphs do, op by op, from blank tokens and no prompt. Raises BundleError
    where the bundle is of another version of the models.
    """
    graph, decode = rebuilt(bundle)
    c, manifest = graph.dynamics.config, read_manifest(bundle)
    where = torch.device(device)
    graph, decode = channels_last(graph, where), channels_last(decode, where)
    tokens = torch.zeros(1, c.places, c.dims, dtype=torch.int64, device=where)
    frames = torch.zeros(1, manifest.history, *manifest.frame_size, 3, dtype=torch.uint8, device=where)
    cache = torch.zeros(c.cache_shape, device=where)
    condition = torch.zeros(1, (c.layers + c.sampler_layers) * 4 * c.channels, device=where)
    warmth = torch.full((1,), manifest.temperature, device=where)
    shape = (2, 1, c.places, c.dims)
    position = 0

    @torch.inference_mode()
    def step(action: int) -> np.ndarray:
        nonlocal tokens, frames, cache, position
        noise = torch.from_numpy(step_noise(0, position, shape)).to(where)
        pressed, at = (torch.tensor([number], device=where) for number in (action, position))
        tokens, cache = graph(tokens, frames, pressed, condition, noise, warmth, at, cache)
        frame = decode(tokens)
        frames = torch.cat((frames[:, 1:], frame[:, None]), 1)
        position += 1
        shown: np.ndarray = frame[0].cpu().numpy()
        return shown

    return step


def rebuilt(bundle: Path) -> tuple[DynamicsGraph, DecodeGraph]:
    """A bundle's two graphs of play as torch modules, their sizes read off the weights."""
    manifest = read_manifest(bundle)
    weights, decoding = (weights_of(onnx.load(bundle / f"{name}.onnx")) for name in ("dynamics", "decode"))
    try:
        tokenizer = Tokenizer(_tokenizer_sizes(manifest, weights, decoding))
        dynamics = Dynamics(_dynamics_sizes(manifest, weights))
        drafter = keys = None
        if "drafter.latent_action.codebook.weight" in weights:
            sizes = _latent_action_sizes(manifest, weights)
            drafter = Drafter(LatentActionModel(sizes), tokenizer)
            if "keys.readout.weight" in weights:
                told = ActionMapConfig(keys=len(manifest.actions), codes=sizes.codes)
                squares = weights["keys.readout.weight"].shape[1] > told.features
                keys = ActionMap(replace(told, squares=squares))
    except (KeyError, ValueError) as error:
        raise _other(bundle, str(error)) from error
    graph, decode = DynamicsGraph(dynamics, drafter, keys), DecodeGraph(tokenizer)
    _fill(decode, decoding, bundle)
    _fill(graph, weights, bundle)
    return graph.eval(), decode.eval()


def _fill(module: nn.Module, weights: Weights, bundle: Path) -> None:
    state: dict[str, Tensor] = module.state_dict()
    computed = dict(module.named_buffers())  # tables that a model makes itself lie in the file too
    for name, weight in weights.items():
        if name in state and state[name].shape == weight.shape:
            state[name].copy_(torch.from_numpy(weight.copy()))
        elif name not in computed and name not in FORMER:
            raise _other(bundle, name)


def _other(bundle: Path, what: str) -> BundleError:
    return BundleError(f"{bundle} is of another version of the models: export it again ({what})")


def _tokenizer_sizes(manifest: Manifest, weights: Weights, decoding: Weights) -> TokenizerConfig:
    height, width = manifest.frame_size
    here, there = "drafter.tokenizer.encoder.", "tokenizer.decoder."
    return TokenizerConfig(
        height=height,
        width=width,
        fine=decoding[f"{there}6.weight"].shape[1],
        coarse=decoding[f"{there}0.weight"].shape[0],
        encoder_fine_blocks=_count(weights, f"{here}2."),
        encoder_coarse_blocks=_count(weights, f"{here}5."),
        decoder_fine_blocks=_count(decoding, f"{there}4."),
        decoder_coarse_blocks=_count(decoding, f"{there}1."),
        fsq=FSQConfig(dims=manifest.token_shape[1], levels=manifest.levels),
    )


def _dynamics_sizes(manifest: Manifest, weights: Weights) -> DynamicsConfig:
    height, width = manifest.frame_size
    channels = weights["dynamics.embed.weight"].shape[0]
    return DynamicsConfig(
        grid=(height // 8, width // 8),
        dims=manifest.token_shape[1],
        levels=manifest.levels,
        told="codes" if "keys.readout.weight" in weights else "keys",
        actions=weights["dynamics.action.weight"].shape[0],
        draft="dynamics.draft.weight" in weights,
        text=1,  # the prompt's share is a graph of its own
        channels=channels,
        heads=weights["dynamics.blocks.0.space.offset_bias"].shape[0],
        layers=_count(weights, "dynamics.blocks."),
        sampler_layers=_count(weights, "dynamics.sampler."),
        expansion=weights["dynamics.blocks.0.mlp.up.weight"].shape[0] // channels,
        window=manifest.window,
        passes=manifest.passes,
    )


def _latent_action_sizes(manifest: Manifest, weights: Weights) -> LatentActionConfig:
    height, width = manifest.frame_size
    there = "drafter.latent_action."
    codes, code_channels = weights[f"{there}codebook.weight"].shape
    return LatentActionConfig(
        height=height,
        width=width,
        codes=codes,
        channels=weights[f"{there}past.1.weight"].shape[0],
        blocks=_count(weights, f"{there}future."),
        history=manifest.history,
        code_channels=code_channels,
    )


def _count(weights: Weights, prefix: str) -> int:
    """How many numbered blocks have weights under a prefix."""
    return len(set(_numbers(weights, prefix)))


def _numbers(weights: Weights, prefix: str) -> Iterator[int]:
    for name in weights:
        if found := re.match(re.escape(prefix) + r"(\d+)\.", name):
            yield int(found[1])
