"""Real frames spoiled in the ways that worlds spoil them: to train judges, and dynamics that mend it."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

BARE = 0.4  # of the windows that fade
CELL = 8  # pixels
BEST, WORST = 40.0, 10.0  # dB: what untouched frames count as, and the least that is told apart


def degrade(frames_B3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Frames [B, 3, H, W] in [-1, 1], each spoiled in one or two ways at random strength; some stay.

    The kinds: softness, ghosts, patches of another picture, blotches, and fading to a local mean. Chance is
    the generator's alone (on the CPU).
    """
    out = frames_B3HW
    for share in (0.85, 0.4):
        kinds = torch.randint(len(_KINDS), (len(out),), generator=generator)
        touched = torch.rand(len(out), generator=generator) < share
        strength = torch.rand(len(out), generator=generator)
        spoiled = torch.stack(
            [
                _KINDS[int(kind)](out, row, float(amount), generator) if on else out[row]
                for row, (kind, on, amount) in enumerate(zip(kinds, touched, strength, strict=True))
            ]
        )
        out = spoiled.clamp(-1, 1)
    return out


def haze(windows_BT3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Windows of frames [B, T, 3, H, W] in [-1, 1], half of them made soft and noisy as worlds render them.

    A window's frames are all as soft, and each has noise of its own: what moves in them does not change.
    """
    count, length, _, height, width = windows_BT3HW.shape
    out = windows_BT3HW.clone()
    for row in torch.nonzero(torch.rand(count, generator=generator) < 0.5).flatten().tolist():
        softness, strength = torch.rand(2, generator=generator).tolist()
        soft = F.avg_pool2d(out[row], 3, 1, 1, count_include_pad=False)
        noise = torch.randn(length, 1, height // 4, width // 4, generator=generator).to(out.device)
        noise = F.interpolate(noise, (height, width), mode="bilinear")
        out[row] = torch.lerp(out[row], soft, softness) + 0.15 * strength * noise
    return out.clamp_(-1, 1)


def fade(windows_BT3HW: Tensor, generator: torch.Generator) -> Tensor:
    """Windows of frames [B, T, 3, H, W] in [-1, 1] that lose their colours and edges as long play does.

    Most fade towards a soft picture of themselves, the mean of the surroundings, or one colour, which is
    their own mean and mostly darker; all over or in places, as much at the first and at the last frame as
    chance (the generator, on the frames' device) has it, and evenly between. The others are one of their
    cells over and over, the sky or the earth that play can end in: half of them around a middle that stays,
    half in the middle, where a character is then lost. Noise on what a model goes on from keeps play from
    drifting (GameNGen, arXiv:2408.14837); this is the noise that play itself makes.
    """
    count, length, _, height, width = windows_BT3HW.shape
    device = windows_BT3HW.device

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=device)

    flat = windows_BT3HW.flatten(0, 1)
    cells = F.interpolate(F.adaptive_avg_pool2d(flat, 4), (height, width), mode="bilinear")
    soft = F.avg_pool2d(flat, 5, 1, 2, count_include_pad=False)
    colour = windows_BT3HW.mean((1, 3, 4), keepdim=True)
    colour = torch.lerp(torch.full_like(colour, -1), colour, draw(count, 1, 1, 1, 1).sqrt())
    soft, cells = (x.unflatten(0, (count, length)) for x in (soft, cells))
    kind = draw(count, 1, 1, 1, 1) * 3
    target = torch.where(kind < 1, soft, torch.where(kind < 2, cells, colour))
    first, last = draw(2, count, 1)
    amount = torch.lerp(first, last, torch.linspace(0, 1, length, device=device))
    places = F.interpolate(draw(count, 1, 4, 4), (height, width), mode="bilinear", align_corners=False)
    everywhere = draw(count, 1, 1, 1) < 0.5
    where = torch.where(everywhere, torch.ones_like(places), (3 * places - 1).clamp(0, 1))
    faded = torch.lerp(windows_BT3HW, target, amount[..., None, None, None] * where[:, None])
    kept = _middle(draw(count, 2), height, width) ^ (draw(count, 1, 1, 1, 1) < 0.5)
    bare = torch.where(kept, windows_BT3HW, _tiled(windows_BT3HW, draw))
    return torch.where(draw(count, 1, 1, 1, 1) < BARE, bare, faded)


def _tiled(windows_BT3HW: Tensor, draw: Callable[..., Tensor]) -> Tensor:
    """One cell of each window, where chance has it, over the whole of its frames."""
    count, height, width = len(windows_BT3HW), *windows_BT3HW.shape[-2:]
    rows, columns = height // CELL, width // CELL
    cells = windows_BT3HW[..., : rows * CELL, : columns * CELL].unflatten(4, (columns, CELL))
    cells = cells.unflatten(3, (rows, CELL)).permute(0, 3, 5, 1, 2, 4, 6).flatten(1, 2)
    one = cells[torch.arange(count, device=cells.device), (draw(count) * rows * columns).long()]
    return one.tile(1, 1, 1, rows + 1, columns + 1)[..., :height, :width]


def _middle(sizes_B2: Tensor, height: int, width: int) -> Tensor:
    """Which pixels are in the middle of a picture, [B, 1, 1, H, W], by the size of it from 0 to 1."""
    size = torch.tensor((height, width), device=sizes_B2.device)
    half = ((0.1 + 0.5 * sizes_B2) * size / 2)[:, :, None]
    down, across = (torch.arange(n, device=sizes_B2.device) + 0.5 - n / 2 for n in (height, width))
    inside = (down.abs() < half[:, 0])[:, :, None] & (across.abs() < half[:, 1])[:, None]
    return inside[:, None, None]


def quality(spoiled: Tensor, original: Tensor) -> Tensor:
    """PSNR of each spoiled frame [B] in dB, between WORST and BEST."""
    error = (spoiled.float() - original.float()).square().flatten(1).mean(1) / 4
    return (-10 * torch.log10(error.clamp(min=1e-6))).clamp(WORST, BEST)


def _soft(frames: Tensor, row: int, strength: float, generator: torch.Generator) -> Tensor:
    frame = frames[row, None]
    small = F.interpolate(frame, scale_factor=1 / (1.1 + 5 * strength), mode="bilinear", antialias=True)
    return F.interpolate(small, frame.shape[-2:], mode="bicubic")[0]


def _ghost(frames: Tensor, row: int, strength: float, generator: torch.Generator) -> Tensor:
    dy, dx = torch.randint(-4, 5, (2,), generator=generator).tolist()
    return torch.lerp(frames[row], frames[row].roll((dy, dx), (1, 2)), 0.6 * strength)


def _patches(frames: Tensor, row: int, strength: float, generator: torch.Generator) -> Tensor:
    other = frames[int(torch.randint(len(frames), (1,), generator=generator))]
    where = torch.rand(1, 1, frames.shape[2] // 8, frames.shape[3] // 8, generator=generator) < 0.5 * strength
    mask = F.interpolate(where.float(), frames.shape[-2:])[0].to(frames.device)
    return torch.lerp(frames[row], other, mask)


def _blotches(frames: Tensor, row: int, strength: float, generator: torch.Generator) -> Tensor:
    side = 2 ** int(torch.randint(2, 5, (1,), generator=generator))  # cells a side: 4, 8 or 16
    noise = torch.randn(1, 3, side, side, generator=generator).to(frames.device)
    noise = F.interpolate(noise, frames.shape[-2:], mode="bilinear")[0]
    return frames[row] + 0.6 * strength * noise


def _faded(frames: Tensor, row: int, strength: float, generator: torch.Generator) -> Tensor:
    mean = F.interpolate(F.adaptive_avg_pool2d(frames[row, None], 4), frames.shape[-2:], mode="bilinear")
    return torch.lerp(frames[row], mean[0], strength)


_KINDS = (_soft, _ghost, _patches, _blotches, _faded)
