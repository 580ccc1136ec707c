"""A text field drawn in one line, scrolled so that the caret shows, or the beginning of what is selected."""

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.text_field import TextField


def draw_field(
    canvas: Canvas, field: TextField, box: pygame.Rect, placeholder: str, *, active: bool = True
) -> None:
    """Draw a field in its frame; what an input method composes is underlined, and told where it is."""
    canvas.panel(box, (*theme.FIELD, 255), radius=6, line=theme.ACCENT if active else theme.LINE)
    area = box.inflate(-canvas.px(20), 0)
    before = field.text[: field.caret] + field.composing
    caret = canvas.width(before)
    typing = active and not field.selected
    shift = max(0, caret - area.width + canvas.px(2)) if typing else 0
    clip = canvas.surface.get_clip()
    canvas.surface.set_clip(area.inflate(canvas.px(4), 0).clip(canvas.rect))
    left = area.left - shift
    high = canvas.line_height()
    top = area.centery - high // 2
    if field.selected and field.text and active:
        canvas.surface.fill(theme.SELECTION, (left, top, canvas.width(field.text), high))
    shown = before + field.text[field.caret :]
    if shown:
        # The part in view only: a thousand characters would be over ten thousand pixels wide.
        first = _first_in_view(canvas, shown, shift)
        part = canvas.fit(shown[first:], shift + 2 * area.width - canvas.width(shown[:first]))
        canvas.text(
            part if typing else canvas.fit(shown, area.width), (left + canvas.width(shown[:first]), top)
        )
    else:
        canvas.text(canvas.fit(placeholder, area.width), (left, top), color=theme.DIM)
    if typing:
        canvas.surface.fill(theme.ACCENT, (left + caret, top, canvas.px(2), high))
    if field.composing:
        start = canvas.width(field.text[: field.caret])
        canvas.surface.fill(theme.DIM, (left + start, top + high - 1, caret - start, canvas.px(1)))
    canvas.surface.set_clip(clip)
    if active:
        pygame.key.set_text_input_rect(pygame.Rect(left + caret, area.top, canvas.px(2), area.height))


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
