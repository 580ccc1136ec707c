"""Any pretrained model of `transformers` that compares pictures with text, by its name, put into a bundle.

A world's own small CLIP knows its world's words and no others; one trained on a great many pictures knows
what else a prompt may ask for, and costs a bundle its size. It only ranks first frames: what the dynamics are
told stays the world's own text.
"""

import copy
import logging
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genie.core.errors import ExportError
from genie.core.manifest import RANKER_FILES
from genie.models.text import pooled
from training.graph_files import round_weights, write_graph
from training.parity import WORST_AGREEMENT

BITS = 8
TOKENIZER, TEXT, LOOK = RANKER_FILES
TRIED = ["a fox", "two white foxes on snow"]


class RankerTextGraph(nn.Module):
    """ids int64 [1, L] -> what they say, a unit vector float32 [1, E]."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor) -> Tensor:
        return F.normalize(pooled(self.model.get_text_features(input_ids=ids)), dim=-1)


class RankerLookGraph(nn.Module):
    """frame uint8 [1, H, W, 3] -> what it shows, a unit vector float32 [1, E].

    The whole frame is seen as a square of `side` pixels; mean and std are of colours in 0 to 1, as the
    model was trained with.
    """

    def __init__(self, model: Any, side: int, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.model, self.side = model, side
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("std", torch.tensor(std)[:, None, None])

    def forward(self, frame: Tensor) -> Tensor:
        pixels = frame.permute(0, 3, 1, 2).float() / 255
        pixels = F.interpolate(pixels, (self.side, self.side), mode="bicubic").clamp(0, 1)
        seen = self.model.get_image_features(pixel_values=(pixels - self.mean) / self.std)
        return F.normalize(pooled(seen), dim=-1)


class PretrainedRanker:
    """A dual encoder: CLIP and its kin, whose text half needs no attention mask."""

    def __init__(self, name: str) -> None:
        """`name` is a model's name on the Hugging Face hub, or a local folder. Raises ExportError."""
        from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # one line says it, not one a retry
        self.name = name
        try:
            tokenizer: Any = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
            seeing: Any = AutoImageProcessor.from_pretrained(name, trust_remote_code=False)
            model: Any = AutoModel.from_pretrained(
                name, attn_implementation="eager", dtype=torch.float32, trust_remote_code=False
            ).eval()
            side = int(model.config.vision_config.image_size)
            self.length = int(model.config.text_config.max_position_embeddings)
            if not (hasattr(model, "get_text_features") and hasattr(model, "get_image_features")):
                raise TypeError("it does not compare pictures with text")
            rows = tokenizer(
                TRIED, padding="max_length", truncation=True, max_length=self.length, return_tensors="pt"
            )
            self._tokenizer = tokenizer.backend_tokenizer
            self._tokenizer.enable_truncation(self.length, direction=tokenizer.truncation_side)
            self._tokenizer.enable_padding(
                length=self.length,
                direction=tokenizer.padding_side,
                pad_id=tokenizer.pad_token_id,
                pad_token=tokenizer.pad_token,
            )
            text = RankerTextGraph(model)
            with torch.no_grad():
                theirs = F.normalize(pooled(model.get_text_features(**rows)), dim=-1)
                ours = torch.cat([text(self.ids(said)) for said in TRIED])
            if not (theirs - ours).abs().max() <= WORST_AGREEMENT:
                raise TypeError("its text half heeds what fills a row up")
            look = RankerLookGraph(model, side, list(seeing.image_mean), list(seeing.image_std))
        except Exception as error:  # transformers raises whatever its many loaders do
            why = " ".join(str(error).split()).split(". ")[0][:200]
            raise ExportError(
                f"cannot load the ranker '{name}' ({type(error).__name__}: {why}): give the name of a CLIP "
                "model and a network, or a folder that holds one; without --ranker the world's own is used"
            ) from None
        self.graphs: dict[str, Any] = {TEXT: text.eval(), LOOK: look.eval()}

    def ids(self, text: str) -> Tensor:
        """The row int64 [1, L] that a text is read as."""
        return torch.tensor([self._tokenizer.encode(text).ids])

    @torch.no_grad()
    def write(self, folder: Path, frame: np.ndarray, caption: str) -> None:
        """Write the ranker's files, held against torch on one frame uint8 [H, W, 3] and its caption.

        Weights are stored in 8 bits. Raises ExportError where a model cannot be exported, or when ONNX and
        torch differ.
        """
        try:
            self._write(folder, frame, caption)
        except ExportError:
            raise
        except (
            Exception
        ) as error:  # of the exporter and the runtime: models come in more kinds than they know
            why = " ".join(str(error).split())[:200]
            raise ExportError(
                f"the ranker '{self.name}' cannot be exported ({type(error).__name__}: {why}): give another"
            ) from error

    def _write(self, folder: Path, frame: np.ndarray, caption: str) -> None:
        self._tokenizer.save(str(folder / TOKENIZER))
        inputs = {TEXT: {"ids": self.ids(caption)}, LOOK: {"frame": torch.from_numpy(np.array(frame[None]))}}
        for file, graph in self.graphs.items():
            stored = copy.deepcopy(graph)
            round_weights(stored, BITS)
            write_graph(stored, inputs[file], ["seen" if file == LOOK else "said"], BITS, folder / file)
            session = onnxruntime.InferenceSession(folder / file, providers=["CPUExecutionProvider"])
            (played,) = session.run(None, {name: value.numpy() for name, value in inputs[file].items()})
            apart = float((stored(**inputs[file]) - torch.from_numpy(played)).abs().max())
            if not apart <= WORST_AGREEMENT:  # nor where it is no number
                raise ExportError(
                    f"the ranker '{self.name}' says other things in ONNX than in torch ({file}: "
                    f"{apart:.3f}): give another"
                )
