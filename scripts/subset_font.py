#!/usr/bin/env python3
"""Make genie/app/fonts/NotoSansCJK-Subset.otf from Noto Sans CJK: what Chinese and Japanese prompts need.

    pip install fonttools
    python scripts/subset_font.py NotoSansCJK-Regular.ttc genie/app/fonts/NotoSansCJK-Subset.otf

Debian's package fonts-noto-cjk holds the .ttc; its third font is the simplified Chinese one. Kept are the
characters of GB 2312, JIS X 0208 and the common half of Big5, without hinting and layout tables: SDL draws
characters one by one, upright, and smooths them.
"""

import sys
from collections.abc import Iterator

from fontTools import subset
from fontTools.ttLib import TTFont

SIMPLIFIED_CHINESE = 2
"""Which font of the collection: Han characters common to both languages have the Chinese form."""
CODECS = {
    "gb2312": (range(0xA1, 0xF8), range(0xA1, 0xFF)),
    "euc_jp": (range(0xA1, 0xF5), range(0xA1, 0xFF)),
    "big5": (range(0xA1, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
}
"""The first and second byte of each standard's characters; of Big5 the rows of common ones."""
FULL_AND_HALF_WIDTH = range(0xFF01, 0xFFEF)


def characters() -> set[int]:
    """Return the code points to keep."""
    wanted = set(FULL_AND_HALF_WIDTH)
    for codec, (first, second) in CODECS.items():
        for pair in _pairs(first, second):
            wanted.update(map(ord, pair.decode(codec, errors="ignore")))
    return wanted


def _pairs(first: range, second: range | tuple[int, ...]) -> Iterator[bytes]:
    for high in first:
        for low in second:
            yield bytes((high, low))


def main(collection: str, out: str) -> None:
    """Cut the font down and write it."""
    font = TTFont(collection, fontNumber=SIMPLIFIED_CHINESE)
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "GDEF"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    font.save(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
