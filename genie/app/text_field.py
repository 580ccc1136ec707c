"""One line of text being edited."""

import pygame

from genie.app import clipboard

COMMAND_KEYS = pygame.KMOD_CTRL | pygame.KMOD_META
WORD_KEYS = pygame.KMOD_CTRL | pygame.KMOD_META | pygame.KMOD_ALT
# Not with Alt: AltGr, which is Ctrl and Alt to some systems, and Option write letters of their own.
_COMMANDS = (pygame.K_a, pygame.K_u, pygame.K_v, pygame.K_c, pygame.K_x)


class TextField:
    """Text with a caret, edited by pygame events; input methods are shown while they compose.

    It starts with everything selected, so that typing replaces it and moving the caret keeps it.
    """

    def __init__(self, text: str, most: int) -> None:
        self.text = text[:most]
        self.caret = len(self.text)
        self.selected = bool(text)
        self.composing = ""
        """What an input method has not committed yet."""
        self._most = most

    def set(self, text: str) -> None:
        """Replace everything."""
        self.text = text[: self._most]
        self.caret = len(self.text)
        self.selected = False

    def insert(self, typed: str) -> None:
        """Put text at the caret, or in place of the selection; what would be too long is dropped."""
        if self.selected:
            self.set("")
        typed = "".join(c if c.isprintable() else " " for c in typed)[: self._most - len(self.text)]
        self.text = self.text[: self.caret] + typed + self.text[self.caret :]
        self.caret += len(typed)

    def handle(self, event: pygame.event.Event) -> bool:
        """Edit by one event and return whether it was for the field."""
        if event.type == pygame.TEXTINPUT:
            self.composing = ""
            self.insert(event.text)
        elif event.type == pygame.TEXTEDITING:
            if event.text and self.selected:
                self.set("")
            self.composing = event.text
        elif event.type == pygame.KEYDOWN and not self.composing:
            return self._edit(event.key, getattr(event, "mod", 0))
        else:
            return False
        return True

    def _edit(self, key: int, modifiers: int) -> bool:
        whole_word = bool(modifiers & WORD_KEYS)
        if key == pygame.K_BACKSPACE:
            self._delete(self._left(whole_word), self.caret)
        elif key == pygame.K_DELETE:
            self._delete(self.caret, min(len(self.text), self.caret + 1))
        elif key == pygame.K_LEFT:
            self.caret, self.selected = self._left(whole_word), False
        elif key == pygame.K_RIGHT:
            self.caret, self.selected = self._right(whole_word), False
        elif key in (pygame.K_HOME, pygame.K_END):
            self.caret, self.selected = (0 if key == pygame.K_HOME else len(self.text)), False
        elif key in _COMMANDS and modifiers & COMMAND_KEYS and not modifiers & pygame.KMOD_ALT:
            self._command(key)
        else:
            return False
        return True

    def _delete(self, start: int, end: int) -> None:
        if self.selected:
            self.set("")
        else:
            self.text = self.text[:start] + self.text[end:]
            self.caret = start

    def _command(self, key: int) -> None:
        """Select or clear everything, paste, or copy or cut what is selected."""
        if key == pygame.K_a:
            self.selected = bool(self.text)
        elif key == pygame.K_u:
            self.set("")
        elif key == pygame.K_v:
            self.insert(clipboard.copied())
        elif self.selected:
            clipboard.copy(self.text)
            if key == pygame.K_x:
                self.set("")

    def _left(self, whole_word: bool) -> int:
        if whole_word:
            kept = self.text[: self.caret].rstrip()
            return kept.rfind(" ") + 1
        return max(0, self.caret - 1)

    def _right(self, whole_word: bool) -> int:
        if whole_word:
            rest = self.text[self.caret :]
            skipped = len(rest) - len(rest.lstrip())
            end = rest.find(" ", skipped)
            return len(self.text) if end < 0 else self.caret + end
        return min(len(self.text), self.caret + 1)
