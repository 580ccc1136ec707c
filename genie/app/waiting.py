"""What is shown until play begins: the frame it will begin with, or what is being painted of it."""

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.game import Game
from genie.app.keymap import Command

LOADING, PAINTING = "loading the world …", "painting the world …"


def waits_for(game: Game) -> str:
    """Say what has to be done before play goes on; "" where nothing has."""
    if game.repainting.shown is not None:
        return PAINTING
    return LOADING if game.loading else ""


def draw_waiting(canvas: Canvas, game: Game, picture: pygame.Rect) -> None:
    """Say quietly, over the `picture` there is to see, what is waited for, and how far it is."""
    if game.sight is None:
        _draw_title(canvas, game)
        return
    painting = game.repainting.shown
    pad, high = canvas.px(12), canvas.line_height()
    end = game.presses.hint(Command.MENU, "gives it up") if painting is not None else ""
    room = min(canvas.rect.width - canvas.px(16), max(picture.width, canvas.px(200))) - 2 * pad
    asked = (painting.prompt if painting is not None else game.plan.start.prompt).strip()
    said = canvas.wrap(f"“{asked}”", room, 2) if asked else []
    told = canvas.width(waits_for(game), bold=True) + canvas.width(end, theme.SMALL) + 2 * pad
    box = pygame.Rect(0, 0, min(room, max(told, *map(canvas.width, said), 0)) + 2 * pad, 0)
    box.height = high * (len(said) + 1) + canvas.px(20 if painting is not None else 14)
    box.midbottom = (picture.centerx, picture.bottom - canvas.px(10))
    canvas.panel(box)
    y = box.top + canvas.px(6)
    for line in said:
        canvas.text(line, (box.left + pad, y))
        y += high
    canvas.text(waits_for(game), (box.left + pad, y), color=theme.ACCENT, bold=True)
    canvas.text(end, (box.right - pad, y + high // 2), theme.SMALL, theme.DIM, anchor="midright")
    if painting is not None:
        bar = pygame.Rect(box.left + pad, box.bottom - canvas.px(9), box.width - 2 * pad, canvas.px(3))
        canvas.panel(bar, (*theme.LINE, 255), radius=2)
        bar.width = round(bar.width * painting.share)
        canvas.panel(bar, (*theme.ACCENT, 255), radius=2)


def _draw_title(canvas: Canvas, game: Game) -> None:
    """Say what world is on its way, and what is asked of it, where there is no picture of it yet."""
    manifest, prompt = game.plan.manifest, game.plan.start.prompt.strip()
    middle, room = canvas.rect.centerx, min(canvas.rect.width - canvas.px(40), canvas.px(420))
    said = canvas.wrap(f"“{prompt}”" if prompt else manifest.description, room, 2)
    y = canvas.rect.centery - canvas.px(48)
    canvas.text(manifest.title, (middle, y), theme.TITLE, bold=True, anchor="midtop")
    y += canvas.px(40)
    for line in said:
        canvas.text(line, (middle, y), color=theme.DIM, anchor="midtop")
        y += canvas.line_height()
    canvas.text(waits_for(game), (middle, y + canvas.px(14)), color=theme.ACCENT, anchor="midtop")
