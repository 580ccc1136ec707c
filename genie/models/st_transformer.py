"""Space-time transformer blocks: attention within a frame, then back in time at each place.

Shapes: B sequences, T frames, N places a frame, C channels, H heads, E channels a head, W frames of window.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MODULATIONS = 4  # scale and shift before spatial attention, and the same before the MLP
Condition = Sequence[Tensor]
"""MODULATIONS tensors, of every frame [F, C]; or [C], the same for all, which costs least."""


def modulate(x_FNC: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Layer-normalise the last axis, then scale and shift it (adaptive layer norm, arXiv:2212.09748)."""
    if scale.dim() == 1:
        return F.layer_norm(x_FNC, scale.shape, scale, shift)
    return F.layer_norm(x_FNC, x_FNC.shape[-1:]) * scale[:, None] + shift[:, None]


class SpatialAttention(nn.Module):
    """Every place of a frame attends to every place of the same frame, with a learned bias by 2-D offset."""

    offsets: Tensor

    def __init__(self, channels: int, heads: int, grid: tuple[int, int]) -> None:
        super().__init__()
        rows, columns = grid
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels, bias=False)
        self.out = nn.Linear(channels, channels, bias=False)
        self.offset_bias = nn.Parameter(torch.zeros(heads, (2 * rows - 1) * (2 * columns - 1)))
        y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        y, x = y.flatten(), x.flatten()
        offsets = (y[:, None] - y + rows - 1) * (2 * columns - 1) + (x[:, None] - x + columns - 1)
        self.register_buffer("offsets", offsets, persistent=False)

    def forward(self, x_FNC: Tensor) -> Tensor:
        """Frames of places [F, N, C] -> the same shape."""
        frames, places, channels = x_FNC.shape
        qkv = self.qkv(x_FNC).view(frames, places, 3, self.heads, channels // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).flatten(0, 1).split(frames)
        bias = self.offset_bias[:, self.offsets].to(q.dtype)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias[None])
        return self.out(mixed.transpose(1, 2).reshape(frames, places, channels))


class TemporalAttention(nn.Module):
    """Each place attends to itself in this frame and the `window - 1` before, with a learned bias by age.

    One key and one value head serve all query heads (arXiv:1911.02150): the cache is small, and its
    entries carry no position, so a slot can be overwritten for ever.
    """

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.window, self.head_channels = heads, window, channels // heads
        self.q = nn.Linear(channels, channels, bias=False)
        self.kv = nn.Linear(channels, 2 * self.head_channels, bias=False)
        self.out = nn.Linear(channels, channels, bias=False)
        self.age_bias = nn.Parameter(torch.zeros(heads, window))

    def _bias_by_time(self, frames: int) -> Tensor:
        """Additive bias [H, T, T] for query time by key time; minus infinity outside the causal window."""
        time = torch.arange(frames, device=self.age_bias.device)
        age = time[:, None] - time
        bias = self.age_bias[:, age.clamp(0, self.window - 1)]
        return bias.masked_fill((age < 0) | (age >= self.window), float("-inf"))

    def forward(self, x_BTNC: Tensor) -> Tensor:
        """A whole sequence [B, T, N, C] -> the same shape; frame t sees frames t-window+1..t."""
        B, T, N, C = x_BTNC.shape
        x = x_BTNC.transpose(1, 2).reshape(B * N, T, C)
        q = self.q(x).view(B * N, T, self.heads, self.head_channels).transpose(1, 2)
        k, v = self.kv(x).chunk(2, dim=-1)
        bias = self._bias_by_time(T).reshape(1, self.heads * T, T).to(q.dtype)
        # All heads share one key, so heads and times fold into one axis of queries.
        q = q.reshape(B * N, self.heads * T, self.head_channels)
        scale = self.head_channels**-0.5
        scores = torch.baddbmm(bias.expand(B * N, -1, -1), q, k.transpose(1, 2), alpha=scale)
        mixed = torch.bmm(scores.float().softmax(-1).to(v.dtype), v)
        mixed = mixed.view(B * N, self.heads, T, self.head_channels).transpose(1, 2).reshape(B * N, T, C)
        return self.out(mixed).view(B, N, T, C).transpose(1, 2)

    def step(
        self, x_BNC: Tensor, keys_BNWE: Tensor, values_BNWE: Tensor, position: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One frame against a ring of cached ones.

        position [1]: frames already seen; this frame takes slot position % W. Returns the output
        [B, N, C] and this frame's key and value [B, N, E], which the caller writes to that slot.
        """
        B, N, C = x_BNC.shape
        q = self.q(x_BNC).view(B, N, self.heads, self.head_channels) * self.head_channels**-0.5
        key, value = self.kv(x_BNC).chunk(2, dim=-1)
        # This frame stands last, beside the ring: its slot still holds the oldest, which is not seen.
        age = (position - torch.arange(self.window, device=x_BNC.device)) % self.window
        bias = self.age_bias[:, age].masked_fill((age > position) | (age == 0), float("-inf"))
        cached = q @ keys_BNWE.transpose(2, 3) + bias
        own = q @ key[..., None] + self.age_bias[:, :1]
        weights = torch.cat((cached, own), -1).softmax(-1)
        past = weights[..., :-1] @ values_BNWE
        mixed = (past + weights[..., -1:] * value[:, :, None]).reshape(B, N, C)
        return self.out(mixed), key, value


class FeedForward(nn.Module):
    """Two linear layers around a squared ReLU (arXiv:2109.08668): cheap on a CPU, as good as GELU."""

    def __init__(self, channels: int, expansion: int) -> None:
        super().__init__()
        self.up = nn.Linear(channels, expansion * channels, bias=False)
        self.down = nn.Linear(expansion * channels, channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.up(x))
        return self.down(x * x)  # as a power, ONNX Runtime takes twice as long


class SpaceBlock(nn.Module):
    """Spatial attention and a feed-forward, both modulated by the frame's condition."""

    def __init__(self, channels: int, heads: int, grid: tuple[int, int], expansion: int) -> None:
        super().__init__()
        self.space = SpatialAttention(channels, heads, grid)
        self.mlp = FeedForward(channels, expansion)

    def attend(self, x_FNC: Tensor, condition: Condition) -> Tensor:
        """Spatial half."""
        return x_FNC + self.space(modulate(x_FNC, condition[0], condition[1]))

    def think(self, x_FNC: Tensor, condition: Condition) -> Tensor:
        """Feed-forward half."""
        return x_FNC + self.mlp(modulate(x_FNC, condition[2], condition[3]))

    def forward(self, x_FNC: Tensor, condition: Condition) -> Tensor:
        return self.think(self.attend(x_FNC, condition), condition)


class SpaceTimeBlock(SpaceBlock):
    """A space block with causal attention through time between its halves."""

    def __init__(self, channels: int, heads: int, grid: tuple[int, int], expansion: int, window: int) -> None:
        super().__init__(channels, heads, grid, expansion)
        self.time = TemporalAttention(channels, heads, window)

    def forward_sequence(self, x_BTNC: Tensor, condition_BTMC: Tensor) -> Tensor:
        """A whole sequence [B, T, N, C] under conditions [B, T, MODULATIONS, C] -> the same shape."""
        B, T = x_BTNC.shape[:2]
        condition = condition_BTMC.flatten(0, 1).unbind(1)
        x = self.attend(x_BTNC.flatten(0, 1), condition).unflatten(0, (B, T))
        x = x + self.time(F.layer_norm(x, x.shape[-1:]))
        return self.think(x.flatten(0, 1), condition).unflatten(0, (B, T))

    def step(
        self, x_BNC: Tensor, condition: Condition, keys: Tensor, values: Tensor, position: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One frame [B, N, C] against cached keys and values; see TemporalAttention.step."""
        x = self.attend(x_BNC, condition)
        mixed, key, value = self.time.step(F.layer_norm(x, x.shape[-1:]), keys, values, position)
        return self.think(x + mixed, condition), key, value
