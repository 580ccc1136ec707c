"""Confusion matrices as tables: rows what was, columns what was named, shaded by share of the row."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """A matrix and how to read it; counts int [A, B]."""

    title: str
    note: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: np.ndarray


def confusion_table(confusion: Confusion) -> Markup:
    """The table; a cell says per cent of its row, and its count where one points at it."""
    totals = confusion.counts.sum(1)
    share = confusion.counts / totals.clip(1)[:, None]
    head = Markup("").join(Markup("<th>{}</th>").format(_breakable(name)) for name in confusion.columns)
    body = Markup("").join(
        Markup("<tr><th>{}</th>{}<td class=total>{}</td></tr>").format(
            name,
            Markup("").join(
                Markup('<td class="{}" style="--share:{}" title="{} of {}">{}</td>').format(
                    ("hit " if confusion.columns[column] == name else "") + ("strong" if part > 0.55 else ""),
                    round(float(part), 3),
                    int(confusion.counts[row, column]),
                    int(totals[row]),
                    f"{100 * part:.0f}" if part >= 0.005 else "·",
                )
                for column, part in enumerate(share[row])
            ),
            int(totals[row]),
        )
        for row, name in enumerate(confusion.rows)
    )
    return Markup(
        '<figure class="confusion"><figcaption><b>{}</b><span>{}</span></figcaption><div class="scroll">'
        "<table><thead><tr><th></th>{}<th class=total>of</th></tr></thead><tbody>{}</tbody></table></div>"
        "</figure>"
    ).format(confusion.title, confusion.note, head, body)


def _breakable(name: str) -> Markup:
    """A name that may go on in the next line after a +."""
    return Markup("+<wbr>").join(name.split("+"))
