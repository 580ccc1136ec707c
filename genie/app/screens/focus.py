"""Which of the things on a screen the player means: by arrow keys, mouse or gamepad."""

import pygame

WAYS = {
    pygame.K_LEFT: (-1, 0),
    pygame.K_RIGHT: (1, 0),
    pygame.K_UP: (0, -1),
    pygame.K_DOWN: (0, 1),
}
ACCEPT = (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE)
SIDEWAYS = 3
"""How many times dearer a step to the side is than one straight ahead."""


class Focus:
    """Names things by where they are; one of them has the focus, if there are any."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.hovered = False
        """Whether it has the focus only because the mouse came over it."""
        self.targets: dict[str, pygame.Rect] = {}
        """Where each thing was drawn last; set anew by every drawing."""

    def handle(self, event: pygame.event.Event) -> str | None:
        """React to one event; return the name of what was chosen by it, if something was."""
        if event.type == pygame.KEYDOWN and event.key in WAYS:
            self.go(WAYS[event.key])
        elif event.type == pygame.KEYDOWN and event.key in ACCEPT:
            return self.name if self.name in self.targets else None
        elif event.type == pygame.MOUSEMOTION:
            over = self.at(event.pos) or self.name
            self.hovered = self.hovered or over != self.name
            self.name = over
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            found = self.at(event.pos)
            self.name, self.hovered = found or self.name, False
            return found
        return None

    def at(self, where: tuple[int, int]) -> str | None:
        """Return the name of what is at a point."""
        return next((name for name, rect in self.targets.items() if rect.collidepoint(where)), None)

    def go(self, way: tuple[int, int]) -> None:
        """Move to the nearest thing in a direction; stay where there is none."""
        here, self.hovered = self.targets.get(self.name), False
        if here is None:
            self.name = next(iter(self.targets), self.name)
            return
        ahead = {
            name: _distance(here, rect, way)
            for name, rect in self.targets.items()
            if name != self.name and _is_ahead(here, rect, way)
        }
        if ahead:
            self.name = min(ahead, key=lambda name: ahead[name])


def _is_ahead(here: pygame.Rect, there: pygame.Rect, way: tuple[int, int]) -> bool:
    dx, dy = there.centerx - here.centerx, there.centery - here.centery
    clear = (
        (there.left >= here.right - 2 if way[0] > 0 else there.right <= here.left + 2)
        if way[0]
        else (there.top >= here.bottom - 2 if way[1] > 0 else there.bottom <= here.top + 2)
    )
    return clear and dx * way[0] + dy * way[1] > 0


def _distance(here: pygame.Rect, there: pygame.Rect, way: tuple[int, int]) -> float:
    """Measure from edge to edge; what overlaps in the other direction is straight ahead."""
    gap_x = max(0, there.left - here.right, here.left - there.right)
    gap_y = max(0, there.top - here.bottom, here.top - there.bottom)
    ahead, aside = (gap_x, gap_y) if way[0] else (gap_y, gap_x)
    offset = abs(there.centery - here.centery) if way[0] else abs(there.centerx - here.centerx)
    return ahead + SIDEWAYS * aside + offset / 100
