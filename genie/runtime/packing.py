"""Tokens in as few whole bytes as they fit, to keep every frame of a session."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pack(tokens: np.ndarray, levels: int) -> bytes:
    """Return tokens, integers of any shape from 0 to `levels` - 1 (at most 256 levels), as bytes.

    As many as fit share a byte: three of five levels each.
    """
    each = _in_a_byte(levels)
    digits = np.zeros(-(-tokens.size // each) * each, np.uint8)
    digits[: tokens.size] = tokens.reshape(-1)
    weights = levels ** np.arange(each)
    return (digits.reshape(-1, each) @ weights).astype(np.uint8).tobytes()


def unpack(packed: bytes, shape: tuple[int, ...], levels: int) -> np.ndarray:
    """Return what `pack` made bytes of, int64 [`shape`]; they must have passed `all_packed`."""
    each, size = _in_a_byte(levels), int(np.prod(shape))
    values = np.frombuffer(packed, np.uint8).astype(np.int64)
    digits = values[:, None] // levels ** np.arange(each) % levels
    return digits.reshape(-1)[:size].reshape(shape)


def all_packed(many: Sequence[bytes], shape: tuple[int, ...], levels: int) -> bool:
    """Whether each of `many` can be unpacked to `shape`: neither its length nor a byte is out of range."""
    each = _in_a_byte(levels)
    length = -(-int(np.prod(shape)) // each)
    if any(len(packed) != length for packed in many):
        return False
    highest = max((np.frombuffer(packed, np.uint8).max() for packed in many), default=0)
    return bool(highest < levels**each)


def _in_a_byte(levels: int) -> int:
    if not 2 <= levels <= 256:
        raise ValueError(f"{levels} levels do not fit a byte")
    return next(count for count in range(8, 0, -1) if levels**count <= 256)
