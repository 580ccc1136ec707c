"""Pictures that are drawn over others."""

import pygame


def ready(surface: pygame.Surface) -> pygame.Surface:
    """Return a transparent surface in the form that is drawn fastest; without a window, as it is."""
    return surface.convert_alpha() if pygame.display.get_init() and pygame.display.get_surface() else surface
