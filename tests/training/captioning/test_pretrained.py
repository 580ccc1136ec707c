"""Captioners of transformers by name: the real loading code, with tiny models of random weights made here."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordLevel

from genie.core.errors import GenieError
from training.__main__ import main
from training.captioning.captioner import open_captioner
from training.captioning.pretrained import QUESTION, PretrainedCaptioner

WORDS = ("[PAD]", "[UNK]", "[BOS]", "[EOS]", "<image>", "a", "red", "fox", "on", "snow")
SMALL = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2)
EYES = {**SMALL, "image_size": 32, "patch_size": 16}
SEEN = {"size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}
ASK = (
    "{% for m in messages %}{% for c in m['content'] %} {{ '<image>' if c['type'] == 'image' else 'a fox' }}"
)
CLIPS = [np.random.default_rng(n).integers(0, 255, (9, 64, 64, 3), np.uint8) for n in range(2)]


def tokenizer() -> Any:
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "bos_token": "[BOS]", "eos_token": "[EOS]"}
    return PreTrainedTokenizerFast(tokenizer_object=words, **special)


@pytest.fixture(scope="module")
def blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder-decoder that captions one picture and cannot be asked anything."""
    from transformers import BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

    folder = tmp_path_factory.mktemp("blip")
    text = {**SMALL, "vocab_size": len(WORDS), "encoder_hidden_size": 16, "projection_dim": 16}
    ids = {"bos_token_id": 2, "sep_token_id": 3, "eos_token_id": 3, "pad_token_id": 0}
    config = BlipConfig(text_config={**text, **ids}, vision_config=EYES, projection_dim=16)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    BlipProcessor(BlipImageProcessor(size={"height": 32, "width": 32}), tokenizer()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat model that is shown several pictures and a question."""
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    folder = tmp_path_factory.mktemp("llava")
    words = tokenizer()
    words.add_special_tokens({"additional_special_tokens": ["<image>"]})
    LlavaProcessor(
        image_processor=CLIPImageProcessor(**SEEN),
        tokenizer=words,
        patch_size=16,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=ASK + "{% endfor %}{% endfor %}",
    ).save_pretrained(folder)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**EYES),
        text_config=LlamaConfig(**SMALL, num_key_value_heads=2, vocab_size=len(WORDS)),
        image_token_id=4,
        image_token_index=4,
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", ["blip", "llava"])
def test_a_model_by_name_says_something_of_every_clip(kind: str, request: pytest.FixtureRequest) -> None:
    captioner = open_captioner(str(request.getfixturevalue(kind)), "cpu")
    assert isinstance(captioner, PretrainedCaptioner)
    said = captioner.describe(CLIPS)
    assert len(said) == 2
    for text in said:
        assert set(text.split()) <= set(WORDS)
    assert said == captioner.describe(CLIPS), "the same clip, the same words"


def test_a_chat_model_is_asked_about_several_frames(llava: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    captioner = PretrainedCaptioner(str(llava), "cpu")
    seen: list[Any] = []
    generate = captioner._model.generate
    monkeypatch.setattr(captioner._model, "generate", lambda **given: seen.append(given) or generate(**given))
    (text,) = captioner.describe(CLIPS[:1])
    assert len(seen[0]["pixel_values"]) == 4
    assert not text.startswith("a fox a fox"), "the question is not part of the answer"


def test_a_chat_model_is_told_the_caption_that_a_clip_came_with(
    llava: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captioner = PretrainedCaptioner(str(llava), "cpu")
    asked: list[str] = []
    template = captioner._processor.apply_chat_template

    def spy(messages: list[dict[str, Any]], **how: Any) -> Any:
        asked.append(messages[0]["content"][-1]["text"])
        return template(messages, **how)

    monkeypatch.setattr(captioner._processor, "apply_chat_template", spy)
    captioner.describe(CLIPS[:1], "a red fox")
    captioner.describe(CLIPS[:1])
    assert '"a red fox"' in asked[0] and asked[1] == QUESTION


def test_a_model_that_cannot_be_had_is_one_line(
    tmp_path: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    for name in (tmp_path / "empty", "nobody/never-was-a-model"):
        assert main(["caption", str(dataset), "--captioner", str(name), "--device", "cpu"]) == 1
        err = capsys.readouterr().err
        assert err.count("\n") == 1 and "cannot load the captioner" in err and "needs no network" in err


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(GenieError, match="auto, cpu or cuda"):
        open_captioner("nothing", "tpu")


def test_a_model_that_refuses_a_clip_in_its_own_way_is_one_line(llava: Path) -> None:
    captioner = PretrainedCaptioner(str(llava), "cpu")
    captioner._processor.chat_template = "{{ raise_exception('only one image is supported') }}"
    with pytest.raises(GenieError, match=r"failed on a clip \(only one image is supported\): try another"):
        captioner.describe(CLIPS[:1])
