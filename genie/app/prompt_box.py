"""The box in which a new prompt is typed."""

from collections.abc import Callable, Sequence

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.text_field import TextField
from genie.core.captions import LONGEST_PROMPT
from genie.core.prompt_reading import Reading


class PromptBox:
    """Asks for a prompt; Enter gives it to `accept`, Esc changes nothing, Up and Down recall earlier ones.

    `read` says how a prompt would be read: it is shown below the field, and Tab puts it there to be edited.
    Shift+Enter gives the prompt to `accept_as_typed`.
    """

    def __init__(
        self,
        prompt: str,
        earlier: Sequence[str],
        accept: Callable[[str], None],
        *,
        accept_as_typed: Callable[[str], None] | None = None,
        read: Callable[[str], Reading | None] = lambda text: None,
    ) -> None:
        self.closed = False
        self.field = TextField(prompt, LONGEST_PROMPT)
        self._accept = accept
        self._accept_as_typed = accept_as_typed or accept
        self._read = read
        self._shown: tuple[str, Reading | None] = ("", None)
        self._earlier = [*earlier, prompt] if prompt not in earlier else list(earlier)
        self._place = len(self._earlier)
        pygame.key.start_text_input()
        pygame.key.set_repeat(400, 35)

    def handle(self, event: pygame.event.Event) -> None:
        """React to one event."""
        if self.field.handle(event) or event.type != pygame.KEYDOWN or self.field.composing:
            return
        if event.key == pygame.K_ESCAPE:
            self._close()
        elif event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._close()
            as_typed = getattr(event, "mod", 0) & pygame.KMOD_SHIFT
            (self._accept_as_typed if as_typed else self._accept)(self.field.text.strip())
        elif event.key == pygame.K_TAB:
            if reading := self.reading:
                self.field.set(reading.told)
        elif event.key in (pygame.K_UP, pygame.K_DOWN):
            self._recall(-1 if event.key == pygame.K_UP else 1)

    @property
    def reading(self) -> Reading | None:
        """How what is typed would be read."""
        if self._shown[0] != self.field.text:
            self._shown = (self.field.text, self._read(self.field.text.strip()))
        return self._shown[1]

    def draw(self, canvas: Canvas) -> None:
        """Draw the box over the darkened picture."""
        canvas.shade()
        pad = canvas.px(16)
        width = min(canvas.rect.width - canvas.px(32), canvas.px(540))
        box = pygame.Rect(0, 0, width, canvas.px(172))
        box.center = canvas.rect.center
        canvas.panel(box, line=theme.LINE)
        canvas.text("Describe the world", (box.left + pad, box.top + pad), theme.LARGE, bold=True)
        field = pygame.Rect(box.left + pad, box.top + canvas.px(46), box.width - 2 * pad, canvas.px(34))
        canvas.panel(field, (*theme.FIELD, 255), radius=6, line=theme.ACCENT)
        self._draw_text(canvas, field.inflate(-canvas.px(20), 0))
        self._draw_reading(canvas, pygame.Rect(field.left, field.bottom + canvas.px(8), field.width, 0))
        foot = box.bottom - pad
        hint = "Enter apply · Shift+Enter as typed · Tab edit · ↑ ↓ earlier"
        count = f"{len(self.field.text)}/{LONGEST_PROMPT}"
        hint = canvas.fit(hint, box.width * 3 // 4, theme.SMALL)
        canvas.text(hint, (field.left, foot), theme.SMALL, theme.DIM, anchor="bottomleft")
        canvas.text(count, (field.right, foot), theme.SMALL, theme.DIM, anchor="bottomright")

    def _draw_reading(self, canvas: Canvas, area: pygame.Rect) -> None:
        """Draw what the world makes of the text: the words it lacks, and what it would be told."""
        reading = self.reading
        if reading is None or not reading.note:
            return
        high = canvas.line_height(theme.SMALL)
        lines = canvas.wrap(reading.note, area.width, 2, theme.SMALL)
        color = theme.ERROR if reading.unknown else theme.DIM
        for place, line in enumerate(lines):
            canvas.text(line, (area.left, area.top + place * high), theme.SMALL, color)

    def _draw_text(self, canvas: Canvas, area: pygame.Rect) -> None:
        """Draw the text scrolled so that the caret shows, what an input method composes underlined."""
        field = self.field
        before = field.text[: field.caret] + field.composing
        caret = canvas.width(before)
        shift = max(0, caret - area.width + canvas.px(2))
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(area.inflate(canvas.px(4), 0))
        left = area.left - shift
        high = canvas.line_height()
        top = area.centery - high // 2
        if field.selected and field.text:
            canvas.surface.fill(theme.SELECTION, (left, top, canvas.width(field.text), high))
        shown = before + field.text[field.caret :]
        if shown:
            # The part in view only: a thousand characters would be over ten thousand pixels wide.
            first = self._first_in_view(canvas, shown, shift)
            part = canvas.fit(shown[first:], shift + 2 * area.width - canvas.width(shown[:first]))
            canvas.text(part, (left + canvas.width(shown[:first]), top))
        else:
            canvas.text("a few words, then Enter", (left, top), color=theme.DIM)
        canvas.surface.fill(theme.ACCENT, (left + caret, top, canvas.px(2), high))
        if field.composing:
            start = canvas.width(field.text[: field.caret])
            canvas.surface.fill(theme.DIM, (left + start, top + high - 1, caret - start, canvas.px(1)))
        canvas.surface.set_clip(clip)
        pygame.key.set_text_input_rect(pygame.Rect(left + caret, area.top, canvas.px(2), area.height))

    @staticmethod
    def _first_in_view(canvas: Canvas, text: str, shift: int) -> int:
        """Return the last place in `text` that lies wholly left of `shift` pixels."""
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if canvas.width(text[:middle]) <= shift:
                low = middle
            else:
                high = middle - 1
        return low

    def _recall(self, way: int) -> None:
        self._place = min(len(self._earlier), max(0, self._place + way))
        self.field.set(self._earlier[self._place] if self._place < len(self._earlier) else "")

    def _close(self) -> None:
        self.closed = True
        pygame.key.stop_text_input()
        pygame.key.set_repeat()
