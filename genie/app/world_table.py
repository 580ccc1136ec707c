"""The table that `--list` prints."""

from genie.worlds import WorldSpec, catalog


def world_table() -> str:
    """Return one line a world: its id, whether it can be played, its keys and what it is."""
    worlds = catalog()
    if not worlds:
        return "There are no worlds here: run from a checkout, or name a folder of worlds in GENIE_WORLDS."
    rows = [("WORLD", "PLAY", "SIZE", "FPS", "ACTIONS", "WHAT IT IS"), *map(_row, worlds)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return "\n".join(_line(row, widths) for row in rows)


def _row(spec: WorldSpec) -> tuple[str, ...]:
    height, width = spec.frame_size
    return (
        spec.id,
        "yes" if spec.has_bundle else "untrained",
        f"{width}x{height}",
        str(spec.fps),
        " ".join(action.name for action in spec.actions),
        f"{spec.title}: {spec.description}",
    )


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*cells, row[-1]])
