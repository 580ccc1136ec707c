"""The losses, apart from the models they train."""

import torch
from torch import Tensor
from torch.nn import functional as F


def reconstruction(predicted: Tensor, target: Tensor) -> Tensor:
    """Squared error, plus a little absolute error that keeps small sharp things (an alien is 30 pixels)."""
    difference = (predicted.float() - target.float()).abs()
    return difference.square().mean() + 0.05 * difference.mean()


def reconstruction_within(predicted: Tensor, target: Tensor, edge: float) -> Tensor:
    """`reconstruction`, the outer eighth of the picture on each side counting for `edge` of the rest.

    What comes into view from outside nobody can foresee, and it is no action. Frames [..., H, W].
    """
    height, width = target.shape[-2:]
    weight = torch.full((height, width), edge, device=target.device)
    weight[height // 8 : -(height // 8), width // 8 : -(width // 8)] = 1
    weight = weight / weight.mean()
    difference = (predicted.float() - target.float()).abs()
    return (weight * (difference.square() + 0.05 * difference)).mean()


def psnr(predicted: Tensor, target: Tensor) -> Tensor:
    """Mean over frames of the peak signal-to-noise ratio in dB; frames [B, 3, H, W] in [-1, 1]."""
    error = (predicted.float().clamp(-1, 1) - target.float()).square().flatten(1).mean(1) / 4
    return (-10 * torch.log10(error.clamp(min=1e-10))).mean()


def masked_digits(logits: Tensor, digits: Tensor, known: Tensor) -> Tensor:
    """Cross-entropy a token in nats (D times a digit's), over the digits the sampler was not shown.

    logits [B, T, N, D, V]; digits and known [B, T, N, D].
    """
    losses = F.cross_entropy(logits.flatten(0, -2).float(), digits.flatten(), reduction="none")
    open_ = (~known).flatten()
    return (losses * open_).sum() / open_.sum().clamp(min=1) * digits.shape[-1]


def said(logits_BP: Tensor, pairs_BP: Tensor) -> Tensor:
    """Nats a text at which it is told which pairs of words it has: logits and zeros and ones."""
    return F.binary_cross_entropy_with_logits(logits_BP.float(), pairs_BP, reduction="sum") / len(logits_BP)


def told_apart(own_B: Tensor, swapped_BS: Tensor, swapped: Tensor, scale: Tensor) -> Tensor:
    """Nats at which pictures are known by their own caption from ones with a single value swapped.

    own [B], swapped_BS [B, S]: a picture's agreement with each; swapped: where one is; scale: a scalar.
    """
    losses = F.softplus(scale * (swapped_BS - own_B[:, None]))
    return (losses * swapped).sum() / swapped.sum().clamp(min=1)


def agreement(images: Tensor, texts: Tensor, same: Tensor, scale: Tensor) -> Tensor:
    """CLIP's contrastive loss where several rows may hold the same caption.

    images, texts: unit vectors [B, E]; same [B, B]: whether two rows' captions are equal; scale: a scalar.
    """
    logits = scale * images @ texts.T
    wanted = same.float() / same.sum(1, keepdim=True)
    return (F.cross_entropy(logits, wanted) + F.cross_entropy(logits.T, wanted)) / 2
