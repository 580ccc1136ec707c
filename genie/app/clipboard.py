"""Text that other programs share."""

import sys

import pygame

KIND = "text/plain;charset=utf-8"
"""What pygame calls text in UTF-8; on Windows it takes it for what is there, UTF-16 up to a zero."""


def copied() -> str:
    """Return the text on the clipboard, "" where there is none; the display must be open."""
    try:
        _begin()
        data = pygame.scrap.get(KIND)
    except pygame.error:
        return ""
    return data.decode(_encoding(), errors="replace").partition("\0")[0] if data else ""


def copy(text: str) -> None:
    """Put a text on the clipboard, where there is one."""
    try:
        _begin()
        end = "\0" if _on_windows() else ""
        pygame.scrap.put(KIND, (text + end).encode(_encoding()))
    except pygame.error:
        return


def _on_windows() -> bool:
    return sys.platform == "win32"


def _encoding() -> str:
    return "utf-16-le" if _on_windows() else "utf-8"


def _begin() -> None:
    if not pygame.scrap.get_init():
        pygame.scrap.init()
