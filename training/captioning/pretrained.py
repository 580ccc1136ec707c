"""Any model of `transformers` that turns images or video and a question into text, by its name."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from genie.core.errors import GenieError
from training.spans import spread
from training.train import pick_device

QUESTION = (
    "These frames of one game clip follow each other. In one plain sentence of at most 30 words say who or "
    "what is the subject and how it looks, what it does over the clip, what it is on and what is behind it."
)
KNOWN = ' The clip came with the caption "{}": keep what of it is true, and say the rest.'
MOST_NEW_TOKENS = 80
FRAMES = 4


class PretrainedCaptioner:
    """Asks a vision-language model about frames spread over a clip.

    A model with a chat template is asked QUESTION, about a video where it takes videos and else about several
    images, and told the caption that the clip came with; one without, an older captioner, is shown the middle
    frame and captions it.
    """

    def __init__(self, name: str, device: str = "auto") -> None:
        """`name` is a model's name on the Hugging Face hub, or a local folder. Raises GenieError."""
        from transformers import AutoModelForImageTextToText, AutoProcessor

        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # one line says it, not one a retry
        self.name = name
        self._device = pick_device(device)
        try:
            self._processor: Any = AutoProcessor.from_pretrained(name)
            self._model: Any = AutoModelForImageTextToText.from_pretrained(name).eval().to(self._device)
        except Exception as error:  # transformers raises whatever its many loaders do
            why = " ".join(str(error).split()).split(". ")[0][:200]
            raise GenieError(
                f"cannot load the captioner '{name}' ({type(error).__name__}: {why}): give the name of an "
                "image-text-to-text model and a network, a folder that holds one, or the run folder of "
                "`train captioner`, which needs no network"
            ) from None
        self._chats = bool(getattr(self._processor, "chat_template", None))
        self._takes_video = getattr(self._processor, "video_processor", None) is not None

    @torch.no_grad()
    def describe(self, clips: Sequence[np.ndarray], known: str = "") -> list[str]:
        """A caption for each clip; raises GenieError when the model cannot take them."""
        try:
            return [self._ask(clip[spread(0, len(clip), FRAMES)], known) for clip in clips]
        except GenieError:
            raise
        except Exception as error:  # templates and processors raise kinds of their own
            why = " ".join(str(error).split())[:200]
            raise GenieError(f"the captioner '{self.name}' failed on a clip ({why}): try another") from error

    def _ask(self, frames: np.ndarray, known: str) -> str:
        inputs = self._chat(frames, known) if self._chats else self._caption(frames[len(frames) // 2])
        made = self._model.generate(**inputs, max_new_tokens=MOST_NEW_TOKENS, do_sample=False)
        asked = inputs.get("input_ids")
        row = made[0]
        # Decoders repeat the question before the answer; encoder-decoders do not.
        if asked is not None and row[: asked.shape[1]].equal(asked[0]):
            row = row[asked.shape[1] :]
        return str(self._processor.decode(row, skip_special_tokens=True))

    def _chat(self, frames: np.ndarray, known: str) -> Any:
        question = QUESTION + (KNOWN.format(known) if known else "")
        shown: list[dict[str, Any]] = (
            [{"type": "video", "video": frames}]
            if self._takes_video
            else [{"type": "image", "image": _picture(frame)} for frame in frames]
        )
        message = {"role": "user", "content": [*shown, {"type": "text", "text": question}]}
        inputs = self._processor.apply_chat_template(
            [message],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
            **({"do_sample_frames": False} if self._takes_video else {}),
        )
        return inputs.to(self._device)

    def _caption(self, frame: np.ndarray) -> Any:
        return self._processor(images=_picture(frame), return_tensors="pt").to(self._device)


def _picture(frame: np.ndarray) -> Any:
    from PIL import Image

    return Image.fromarray(frame)
