"""Prompts to pick from: a few of a world's own captions that say different things."""

from collections.abc import Sequence

MOST = 6
LONG = 12
"""Words after which a caption is long: what is new in it counts for less."""


def examples_of(prompt: str, captions: Sequence[str]) -> tuple[str, ...]:
    """Return a world's own prompt, then captions that say much that is new, in few words."""
    chosen = [prompt] if prompt else []
    said = set(prompt.lower().split())
    rest = [caption for caption in dict.fromkeys(captions) if caption not in chosen]
    while rest and len(chosen) < MOST:
        new = max(rest, key=lambda text: _news(text, said))
        rest.remove(new)
        chosen.append(new)
        said |= set(new.lower().split())
    return tuple(chosen)


def _news(text: str, said: set[str]) -> float:
    words = set(text.lower().split())
    return len(words - said) / max(LONG, len(words)) - max(0, len(words) - LONG)
