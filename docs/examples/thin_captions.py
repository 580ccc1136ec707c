"""A copy of a dataset whose captions say one thing each, as captions that are found with clips do.

    python docs/examples/thin_captions.py data/coinrun worlds/coinrun/bundle/phrases.json data/thin
    python -m training caption data/thin --captioner RUN

The copy's videos are links. What recaptioning is worth is then measured by two equal trainings, of which
obedience.py scores both: docs/log.md, 2026-11-22.
"""

import json
import sys
from pathlib import Path

import numpy as np

from genie.clips.metadata import FILE_NAME
from genie.core.mentions import Mentions
from genie.core.phrases import Phrases, words_of


def thin(caption: str, mentions: Mentions, rng: np.random.Generator) -> str:
    """One of the phrases that a caption is made of; "" where it has none that are known."""
    said = list(mentions.find(words_of(caption)).phrases.values())
    return said[rng.integers(len(said))] if said else ""


def copy(data: Path, mentions: Mentions, out: Path, split: str = "train") -> int:
    """Link a split's clips into `out` and write their thin captions; return how many there are."""
    rng, clips = np.random.default_rng(0), 0
    with (data / split / FILE_NAME).open(encoding="utf-8") as lines:
        (out / split).mkdir(parents=True)
        with (out / split / FILE_NAME).open("w", encoding="utf-8") as written:
            for text in lines:
                line = json.loads(text)
                line["caption"] = thin(line["caption"], mentions, rng)
                line.pop("captions", None)
                written.write(json.dumps(line, ensure_ascii=False) + "\n")
                clips += 1
    for folder in sorted(path for path in (data / split).iterdir() if path.is_dir()):
        (out / split / folder.name).symlink_to(folder.resolve())
    return clips


if __name__ == "__main__":
    data, phrases, out = (Path(argument) for argument in sys.argv[1:])
    print(f"{copy(data, Mentions(Phrases.load(phrases)), out)} clips in {out}")
