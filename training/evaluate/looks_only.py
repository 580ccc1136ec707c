"""Captions that say what is to be seen, and nothing of what happens: that is for the world to foretell."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from genie.clips.changes import looks_at
from genie.clips.frame_store import FrameStore
from genie.core.phrases import PHRASES, Phrases
from training.captioning.agreement import AttributeReader
from training.evaluate.prompts import Wording


def told_looks(store: FrameStore, bundle: Path | None) -> FrameStore:
    """The store with captions that say what a world may be told while it is scored (`looks_only`).

    The store itself where the bundle does not say what its captions are made of, or there is none.
    """
    phrases = None if bundle is None else bundle / PHRASES
    return looks_only(store, Phrases.load(phrases)) if phrases and phrases.is_file() else store


def looks_only(store: FrameStore, phrases: Phrases) -> FrameStore:
    """The store with captions that name its clips' attributes in the shortest of a world's usual wordings.

    A timed caption may say what is done until its end, which a world that is scored on those frames must not
    know. Where no caption names all attributes and nothing else, and of looks that none says, captions stay
    as they are.
    """
    told = zip(store.clip_captions, store.attributes, strict=True)
    examples = [(text, facts) for text, facts in told if phrases.values.keys() <= facts.keys()]
    reader = AttributeReader(phrases, examples)
    wording = Wording(phrases, {name: tuple(phrases.values[name]) for name in reader.slots})
    if not examples or not reader.slots or not wording.templates:
        return store
    shortest = min(range(len(wording.templates)), key=lambda n: len(wording.templates[n].split()))
    captions, caption_of = list(store.captions), store.caption_of.copy()
    for clip, facts in enumerate(store.attributes):
        for frame, look in looks_at(facts):
            shown = reader.truth(look)
            rest = slice(store.starts[clip] + frame, store.starts[clip + 1])
            caption_of[rest] = store.caption_of[rest]  # what was said of the look before is so no longer
            if shown.keys() == set(wording.names):
                places = [wording.values[n].index(shown[name]) for n, name in enumerate(wording.names)]
                caption_of[rest] = len(captions)
                captions.append(wording.prompt(np.array(places), shortest).text)
    return replace(store, captions=captions, caption_of=caption_of)
