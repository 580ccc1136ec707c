"""The box in which a new prompt is typed, or picked."""

from collections.abc import Callable, Sequence

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.hints import Hint, hint_line
from genie.app.screens import widgets
from genie.app.strength_dial import StrengthDial
from genie.app.text_field import TextField
from genie.app.text_line import draw_field
from genie.core.captions import LONGEST_PROMPT
from genie.core.prompt_reading import Reading

ROW, HEAD, FOOT = 32, 92, 34
HINTS = (
    Hint("Enter", "apply", "A"),
    Hint("Shift+Enter", "as typed"),
    Hint("Tab", "edit", "Y"),
    Hint("↓ ↑", "pick one", "↓ ↑"),
    Hint("", "leave", "B"),
)
READING_LINES = 2
READING = 36
"""The height of two lines that say how the text is read."""


class PromptBox:
    """Asks for a prompt; Enter gives it to `accept`, Esc changes nothing, Down and Up pick one from below.

    `read` says how a prompt would be read: it is shown below the field, and Tab puts it there to be edited.
    Shift+Enter gives the prompt to `accept_as_typed`. A prompt left as it was changes nothing either. Where
    there is a `dial`, it is turned here, and its strength given to `accept_strength` if it is another.
    """

    def __init__(
        self,
        prompt: str,
        earlier: Sequence[str],
        accept: Callable[[str], None],
        *,
        examples: Sequence[str] = (),
        accept_as_typed: Callable[[str], None] | None = None,
        read: Callable[[str], Reading | None] = lambda text: None,
        dial: StrengthDial | None = None,
        accept_strength: Callable[[float], None] = lambda strength: None,
    ) -> None:
        """`earlier` are prompts given before, newest first; `examples` what the world itself suggests."""
        self.closed = False
        self.field = TextField(prompt, LONGEST_PROMPT)
        self._accept = accept
        self._accept_as_typed = accept_as_typed or accept
        self._read = read
        self.dial, self._accept_strength = dial, accept_strength
        self._shown: tuple[str, Reading | None] = ("", None)
        self._typed = self._present = prompt
        self._offered = [(text, True) for text in dict.fromkeys(earlier) if text != prompt]
        self._offered += [(text, False) for text in examples if text not in (*earlier, prompt)]
        self._place = -1
        """Which of the prompts below is in the field; -1 for what was typed."""
        self._spots: list[tuple[pygame.Rect, int]] = []
        pygame.key.start_text_input()
        pygame.key.set_repeat(400, 35)

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        if self.dial and self.dial.handle(event):
            return
        if event.type == pygame.MOUSEBUTTONDOWN:
            self._click(event)
        elif self.field.handle(event):
            self._place, self._typed = -1, self.field.text
        elif event.type == pygame.KEYDOWN and not self.field.composing:
            self._press(event)

    @property
    def reading(self) -> Reading | None:
        """How what is typed would be read; None for the prompt in force."""
        if self.field.text == self._present:
            return None
        if self._shown[0] != self.field.text:
            self._shown = (self.field.text, self._read(self.field.text.strip()))
        return self._shown[1]

    def draw(self, canvas: Canvas) -> None:
        """Draw the box over the darkened picture."""
        canvas.shade()
        pad, row = canvas.px(16), canvas.px(ROW)
        room = (canvas.rect.height - canvas.px(HEAD + READING + FOOT + 24)) // row
        shown = max(0, min(len(self._offered), room, 6))
        first = max(0, min(self._place - shown + 1, len(self._offered) - shown))
        box = pygame.Rect(0, 0, min(canvas.rect.width - canvas.px(32), canvas.px(540)), 0)
        box.height = canvas.px(HEAD + READING + FOOT) + shown * row
        box.center = canvas.rect.center
        canvas.panel(box, theme.BOX, line=theme.LINE)
        canvas.text("Describe the world", (box.left + pad, box.top + pad), theme.LARGE, bold=True)
        if self.dial:
            self.dial.draw(canvas, box.right - pad, box.top + canvas.px(28))
        field = pygame.Rect(box.left + pad, box.top + canvas.px(46), box.width - 2 * pad, canvas.px(34))
        draw_field(canvas, self.field, field, "a few words, then Enter")
        draw_reading(
            canvas, self.reading, pygame.Rect(field.left, field.bottom + canvas.px(6), field.width, 0)
        )
        self._spots = []
        for place in range(first, first + shown):
            rect = pygame.Rect(field.left, field.bottom + canvas.px(8 + READING), field.width, row)
            rect.top += (place - first) * row
            text, is_earlier = self._offered[place]
            widgets.row(canvas, rect, text, focused=place == self._place, is_earlier=is_earlier)
            self._spots.append((rect, place))
        foot = box.bottom - canvas.px(10)
        hint = hint_line(HINTS, by_pad=canvas.by_pad)
        count = f"{len(self.field.text)}/{LONGEST_PROMPT}"
        hint = canvas.fit(hint, box.width * 3 // 4, theme.SMALL)
        canvas.text(hint, (field.left, foot), theme.SMALL, theme.DIM, anchor="bottomleft")
        canvas.text(count, (field.right, foot), theme.SMALL, theme.DIM, anchor="bottomright")

    def _press(self, event: pygame.event.Event) -> None:
        if event.key == pygame.K_ESCAPE:
            self._close()
        elif event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._close()
            as_typed = getattr(event, "mod", 0) & pygame.KMOD_SHIFT
            if self.dial and self.dial.is_turned:
                self._accept_strength(self.dial.strength)
            if self.field.text != self._present:
                (self._accept_as_typed if as_typed else self._accept)(self.field.text.strip())
        elif event.key == pygame.K_TAB:
            if reading := self.reading:
                self.field.set(reading.told)
        elif event.key in (pygame.K_UP, pygame.K_DOWN):
            self._pick(self._place + (1 if event.key == pygame.K_DOWN else -1))

    def _click(self, event: pygame.event.Event) -> None:
        for rect, place in self._spots:
            if event.button == 1 and rect.collidepoint(event.pos):
                self._pick(place)

    def _pick(self, place: int) -> None:
        self._place = min(len(self._offered) - 1, max(-1, place))
        self.field.set(self._offered[self._place][0] if self._place >= 0 else self._typed)

    def _close(self) -> None:
        self.closed = True
        pygame.key.stop_text_input()
        pygame.key.set_repeat()


def draw_reading(canvas: Canvas, reading: Reading | None, area: pygame.Rect) -> None:
    """Draw what the world makes of a text: the words it lacks, and what it would be told."""
    if reading is None or not reading.note:
        return
    lines: list[tuple[str, theme.Color]] = []
    if reading.lost:
        lines += [(line, theme.ERROR) for line in canvas.wrap(reading.lost, area.width, 1, theme.SMALL)]
    if reading.is_expanded:
        told = f'read as "{reading.told}"'
        room = READING_LINES - len(lines)
        lines += [(line, theme.DIM) for line in canvas.wrap(told, area.width, room, theme.SMALL)]
    for place, (line, color) in enumerate(lines):
        where = (area.left, area.top + place * canvas.line_height(theme.SMALL))
        canvas.text(line, where, theme.SMALL, color)
