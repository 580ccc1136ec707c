"""Text that other programs share."""

import pygame

KIND = "text/plain;charset=utf-8"


def copied() -> str:
    """Return the text on the clipboard, "" where there is none; the display must be open."""
    try:
        _begin()
        data = pygame.scrap.get(KIND)
    except pygame.error:
        return ""
    return data.decode("utf-8", errors="replace").rstrip("\0") if data else ""


def copy(text: str) -> None:
    """Put a text on the clipboard, where there is one."""
    try:
        _begin()
        pygame.scrap.put(KIND, text.encode())
    except pygame.error:
        return


def _begin() -> None:
    if not pygame.scrap.get_init():
        pygame.scrap.init()
