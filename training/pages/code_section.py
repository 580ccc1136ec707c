"""What each latent code does: its mean motion, one start under each, and which keys mean it."""

from training.evaluate.codes import CodeEvidence
from training.pages.confusion import Confusion, confusion_table
from training.pages.motion import motion_picture
from training.pages.picture import enlarged
from training.pages.section import Section
from training.pages.strip import Group, Row, Strip, held_strip


def code_section(codes: CodeEvidence, keys: tuple[str, ...]) -> Section:
    """The section; `keys` are the names of the world's actions."""
    names = tuple(f"code {code}" for code in range(len(codes.motion)))
    meant = Confusion(
        title="Which code each key means",
        note="Row: the key; column: the code. Per cent of the moments.",
        rows=keys,
        columns=tuple(str(code) for code in range(len(names))),
        counts=codes.meant,
    )
    return Section(
        id="codes",
        title="What each latent code does",
        note="The latent action model names what can be done after seeing video alone, no key. A code's "
        "arrows say where it moves the picture in one frame, the mean over all clips; beside it one start, "
        "with that code held. The start is the clip of median PSNR.",
        plots=[confusion_table(meant)],
        strips=[_strip(codes, names)],
    )


def _strip(codes: CodeEvidence, names: tuple[str, ...]) -> Strip:
    """The strip of codes held, the field of motion before each row's frames."""
    held = held_strip(codes.held, names, title="Each code held from the same frame", note="")
    height, width = codes.held.start.shape[:2]
    scale = enlarged(height)
    rows = []
    for row, field in zip(held.rows, codes.motion, strict=True):
        x, y = field.mean((1, 2))
        picture = motion_picture(
            field, shown=(height * scale, width * scale), alt=f"{row.name}: {x:.1f}, {y:.1f}"
        )
        named = f"{row.name}: {_way(float(x), float(y))}"
        rows.append(Row(name=named, pictures=(picture, *row.pictures)))
    return Strip(
        title=held.title,
        note="Each field is in a scale of its own; beside the name, how far the picture goes as a whole.",
        width=held.width,
        groups=(
            Group(title="mean motion", columns=("",)),
            Group(title="held", columns=held.groups[0].columns),
        ),
        rows=tuple(rows),
    )


def _way(x: float, y: float) -> str:
    """A mean motion in words: "1.4 px left, 6.2 px down"."""
    parts = [
        f"{abs(length):.1f} px {back if length < 0 else on}"
        for length, back, on in ((x, "left", "right"), (y, "up", "down"))
        if abs(length) >= 0.1
    ]
    return ", ".join(parts) or "still"
