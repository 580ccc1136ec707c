"""A pretrained CLIP by name ranks first frames: the real loading code, with a tiny one of random weights."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer, pre_tokenizers, processors
from tokenizers.models import WordLevel

import genie
from genie.clips.frame_store import FrameStore
from genie.core.errors import BundleError, ExportError
from genie.core.manifest import RANKER_FILES, read_manifest, write_manifest
from genie.models.text import pooled
from genie.runtime.starts import Starts
from tests.support.tiny_run import tiny_export

WORDS = ("<end>", "<start>", "<unknown>", "a", "red", "blue", "square", "on", "sand")
SMALL = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2)
SIDE, LENGTH = 48, 9
PROMPT = "a blue square on sand"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `save_pretrained` leaves it: CLIP's ways, rows filled up with the end of the text."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("clip")
    words = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unknown>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 1), ("<end>", 0)]
    )
    named = {"bos_token": "<start>", "eos_token": "<end>", "pad_token": "<end>", "unk_token": "<unknown>"}
    PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=LENGTH, **named).save_pretrained(folder)
    CLIPImageProcessor(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
    ).save_pretrained(folder)
    torch.manual_seed(0)
    text = {**SMALL, "vocab_size": len(WORDS), "max_position_embeddings": LENGTH, "eos_token_id": 0}
    config = CLIPConfig(
        text_config={**text, "bos_token_id": 1, "pad_token_id": 0, "initializer_factor": 8.0},
        vision_config={**SMALL, "image_size": SIDE, "patch_size": 16, "initializer_factor": 8.0},
        projection_dim=12,
    )
    CLIPModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory, clip: Path, run: Path, store: FrameStore) -> Path:
    """A bundle that brings the ranker along."""
    return tiny_export(tmp_path_factory.mktemp("ranked") / "bundle", run, store, ranker=str(clip))


def as_transformers_has_it(clip: Path, frame: np.ndarray, prompt: str) -> tuple[np.ndarray, np.ndarray]:
    """What the model itself says of a frame and a prompt, by its own processors: unit vectors [12]."""
    from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(clip).eval()
    with torch.no_grad():
        said = model.get_text_features(**AutoTokenizer.from_pretrained(clip)(prompt, return_tensors="pt"))
        processor = AutoImageProcessor.from_pretrained(clip)
        seen = model.get_image_features(**processor(Image.fromarray(frame), return_tensors="pt"))
    vectors = [pooled(side)[0].numpy() for side in (said, seen)]
    return vectors[0] / np.linalg.norm(vectors[0]), vectors[1] / np.linalg.norm(vectors[1])


def test_it_says_what_transformers_says(ranked: Path, clip: Path, store: FrameStore) -> None:
    engine = genie.load(ranked, device="cpu").engine
    for frame, prompt in (
        (store.frames[0], PROMPT),
        (store.frames[50], "a red square"),
        (store.frames[9], ""),
    ):
        said, seen = as_transformers_has_it(clip, frame, prompt)
        assert float(engine.said(prompt)[0] @ said) > 0.999
        assert float(engine.seen(frame)[0] @ seen) > 0.98, "another way of making pictures larger"
    assert float(engine.seen(store.frames[0])[0] @ engine.seen(store.frames[50])[0]) < 0.98, (
        "frames tell apart"
    )
    assert abs(float(engine.said(PROMPT)[0] @ engine.said("a red square")[0])) < 0.99, "words tell apart"


def test_first_frames_are_ranked_by_it_and_nothing_else_is_changed(
    ranked: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Starts, "lacks", lambda starts, prompt, number: True)  # all are to be repainted
    own, world = (genie.load(folder, device="cpu") for folder in (bundle, ranked))
    assert np.array_equal(own.engine.condition(PROMPT), world.engine.condition(PROMPT))
    made, as_before = (which.first_frames(PROMPT, seed=1, expand=False) for which in (world, own))
    assert made.are_repainted and len(made) == len(as_before)
    for frame in made:
        agreement = (world.engine.said(PROMPT) * world.engine.seen(frame.frame)).sum()
        assert frame.agreement == pytest.approx(float(agreement))
    assert [frame.agreement for frame in made] == sorted((f.agreement for f in made), reverse=True)
    assert world.manifest.trained_on["ranker"] and "ranker" not in own.manifest.trained_on


@pytest.mark.parametrize("name", RANKER_FILES)
def test_a_part_that_is_missing_is_named(ranked: Path, tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(ranked, tmp_path / "bundle"))
    manifest = read_manifest(folder)
    (folder / name).unlink()
    write_manifest(folder, dataclasses.replace(manifest, files={}))
    with pytest.raises(BundleError, match=name):
        genie.load(folder, device="cpu")


def test_another_models_tokenizer_is_refused(ranked: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ranked, tmp_path / "bundle"))
    manifest = read_manifest(folder)
    tokenizer = Tokenizer.from_file(str(folder / RANKER_FILES[0]))
    tokenizer.enable_padding(length=LENGTH + 1)
    tokenizer.save(str(folder / RANKER_FILES[0]))
    write_manifest(folder, dataclasses.replace(manifest, files={}))
    with pytest.raises(BundleError, match="disagree on a row"):
        genie.load(folder, device="cpu")


@pytest.mark.parametrize("name", ["openai/clip-vit-nowhere", "a folder"])
def test_what_is_no_ranker_is_one_line(name: str, run: Path, store: FrameStore, tmp_path: Path) -> None:
    if name == "a folder":
        from transformers import CLIPTextConfig

        name = str(tmp_path)
        CLIPTextConfig(**SMALL).save_pretrained(tmp_path)
    out = tmp_path / "bundle"
    with pytest.raises(ExportError, match="cannot load the ranker") as caught:
        tiny_export(out, run, store, ranker=name)
    assert "\n" not in str(caught.value) and not out.exists()
