"""The heads-up display: what the world is doing, in the corners of the window."""

from collections.abc import Collection

import pygame

from genie.app import theme
from genie.app.canvas import Canvas
from genie.app.game import Game
from genie.app.key_caps import draw_key_caps
from genie.app.keymap import Command
from genie.app.strength_dial import strength_name
from genie.app.theme import Color
from genie.app.time_controls import speed_name

MARGIN = 8
Line = tuple[str, float, Color, bool]
"""Text, size, color, and whether it is bold."""


def draw_hud(canvas: Canvas, game: Game, held: Collection[str], picture: pygame.Rect) -> None:
    """Draw everything about `game`: figures, states, the keys (those in `held` lit) and the prompt."""
    _figures(canvas, game)
    _states(canvas, game)
    _keys(canvas, game, held)
    _prompt(canvas, game, picture)


def draw_notice(canvas: Canvas, game: Game) -> None:
    """Draw the line of news, if there is one; it is shown even when the rest is hidden."""
    if not game.notice:
        return
    is_error = game.notice.is_error
    color = theme.ERROR if is_error else theme.TEXT
    pad, high = canvas.px(12), canvas.line_height()
    room = max(canvas.px(80), min(canvas.px(420), canvas.rect.width - canvas.px(312)))
    lines = canvas.wrap(game.notice.text, room, 3)
    rect = pygame.Rect(0, 0, max(map(canvas.width, lines)) + 2 * pad, high * len(lines) + pad)
    rect.midtop = (canvas.rect.centerx, canvas.px(16))
    canvas.panel(rect, line=color if is_error else theme.LINE)
    for place, line in enumerate(lines):
        where = (rect.centerx, rect.top + pad // 2 + place * high)
        canvas.text(line, where, color=color, anchor="midtop")


def draw_export(canvas: Canvas, game: Game) -> None:
    """Draw how far the clip being written is, along the upper edge."""
    if game.exports.running is None:
        return
    bar = pygame.Rect(0, 0, canvas.rect.width, canvas.px(3))
    canvas.surface.fill(theme.LINE, bar)
    bar.width = round(bar.width * game.exports.running.fraction)
    canvas.surface.fill(theme.ACCENT, bar)


def _figures(canvas: Canvas, game: Game) -> None:
    fps, seconds = game.rate.fps, game.rate.seconds
    cost = "" if seconds is None else f"{seconds * 1000:.0f} ms "
    lines: list[Line] = [
        (game.plan.manifest.title, theme.NORMAL, theme.TEXT, True),
        (f"{fps:.0f} fps" if fps else "", theme.SMALL, theme.DIM, False),
        (cost + game.device, theme.SMALL, theme.DIM, False),
        (f"frame {game.index}", theme.SMALL, theme.DIM, False),
    ]
    _block(canvas, [line for line in lines if line[0]], left=True)


def _states(canvas: Canvas, game: Game) -> None:
    lines: list[Line] = []
    recorder = game.plan.recorder
    if recorder and recorder.recording and not recorder.quiet:
        lines.append(("● REC", theme.SMALL, theme.ERROR, True))
    scrub = game.time.scrub
    if scrub and scrub.way:
        state = "◀◀ REWIND" if scrub.way < 0 else "▶▶ FORWARD"
        lines.append((state, theme.SMALL, theme.ACCENT, True))
    elif game.time.paused:
        lines.append(("PAUSED", theme.SMALL, theme.ACCENT, True))
    if game.time.travelling:
        lines.append(("going there …", theme.SMALL, theme.DIM, False))
    if game.time.speed != 1:
        lines.append((f"speed {speed_name(game.time.speed)}", theme.SMALL, theme.ACCENT, True))
    strength = game.moment.strength if game.moment else game.plan.manifest.strength
    if strength != game.plan.manifest.strength:
        lines.append((f"words {strength_name(strength)}", theme.SMALL, theme.ACCENT, True))
    if game.script:
        name = "REPLAY" if game.plan.replayed else "SCRIPT"
        lines.append(
            (f"{name} {min(game.index, len(game.script))}/{len(game.script)}", theme.SMALL, theme.GOOD, True)
        )
    if game.exports.running:
        lines.append((f"EXPORT {game.exports.running.fraction:.0%}", theme.SMALL, theme.ACCENT, True))
        lines.append((game.presses.hint(Command.EXPORT, "gives it up"), theme.SMALL, theme.DIM, False))
    if game.moment:
        lines.append((f"seed {game.moment.seed}", theme.SMALL, theme.DIM, False))
        help_hint = game.presses.hint(Command.HELP, "help") or game.presses.hint(Command.MENU, "menu")
        lines.append((help_hint, theme.SMALL, theme.DIM, False))
    _block(canvas, [line for line in lines if line[0]], left=False)


def _block(canvas: Canvas, lines: list[Line], *, left: bool) -> None:
    """Draw lines in an upper corner."""
    if not lines:
        return
    pad, margin = canvas.px(7), canvas.px(MARGIN)
    width = max(canvas.width(text, size, bold) for text, size, _, bold in lines) + 2 * pad
    height = sum(canvas.line_height(size) for _, size, _, _ in lines) + 2 * canvas.px(5)
    rect = pygame.Rect(margin, margin, width, height)
    if not left:
        rect.right = canvas.rect.width - margin
    canvas.panel(rect)
    y = rect.top + canvas.px(5)
    for text, size, color, bold in lines:
        where = (rect.left + pad, y) if left else (rect.right - pad, y)
        canvas.text(text, where, size, color, bold, anchor="topleft" if left else "topright")
        y += canvas.line_height(size)


def _keys(canvas: Canvas, game: Game, held: Collection[str]) -> None:
    lit = set(held) | (set(game.action.keys) if game.script else set())
    margin, keys = canvas.px(MARGIN), game.presses.keys
    labels = {} if canvas.by_pad else {name: keys.move_label(name) or name for name in keys.inputs}
    corner = (margin, canvas.rect.height - margin)
    draw_key_caps(canvas, game.plan.manifest.actions.keys, lit, corner, labels)


def _prompt(canvas: Canvas, game: Game, picture: pygame.Rect) -> None:
    if game.moment is None:
        return
    pad = canvas.px(10)
    room = min(canvas.rect.width - canvas.px(16), max(picture.width, canvas.px(200))) - 2 * pad
    said = game.moment.prompt.strip()
    hint = game.presses.hint(Command.PROMPT, "describes the world")
    text = canvas.fit(f"“{said}”" if said else f"no prompt: {hint}" if hint else "no prompt", room)
    rect = pygame.Rect(0, 0, canvas.width(text) + 2 * pad, canvas.line_height() + canvas.px(4))
    below = canvas.rect.bottom - picture.bottom
    if below >= rect.height:
        rect.center = (picture.centerx, picture.bottom + below // 2)
    else:
        rect.midbottom = (picture.centerx, picture.bottom - canvas.px(6))
    canvas.panel(rect)
    canvas.text(text, rect.center, color=theme.TEXT if said else theme.DIM, anchor="center")


def draw_leaving(canvas: Canvas, game: Game) -> None:
    """Say what the window waits for before it closes."""
    canvas.shade()
    export = game.exports.running
    if export is None:
        canvas.text("Leaving …", canvas.rect.center, theme.LARGE, bold=True, anchor="center")
        return
    box = pygame.Rect(0, 0, min(canvas.rect.width - canvas.px(32), canvas.px(380)), canvas.px(124))
    box.center = canvas.rect.center
    canvas.panel(box, theme.BOX, line=theme.LINE)
    middle, room = box.centerx, box.width - canvas.px(40)
    top = middle, box.top + canvas.px(14)
    canvas.text("Finishing the export", top, theme.LARGE, bold=True, anchor="midtop")
    name = canvas.fit(export.clip.path.name, room)
    canvas.text(name, (middle, box.top + canvas.px(42)), color=theme.DIM, anchor="midtop")
    bar = pygame.Rect(0, 0, room, canvas.px(8))
    bar.center = (middle, box.top + canvas.px(78))
    canvas.panel(bar, (*theme.FIELD, 255), radius=4)
    bar.width = round(bar.width * export.fraction)
    canvas.panel(bar, (*theme.ACCENT, 255), radius=4)
    hint = game.presses.hint(Command.MENU, "gives it up")
    foot = middle, box.bottom - canvas.px(12)
    canvas.text(hint, foot, theme.SMALL, theme.DIM, anchor="midbottom")
