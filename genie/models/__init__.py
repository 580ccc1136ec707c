"""The learned parts of a world, in torch. Playing never imports this package."""
