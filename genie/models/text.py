"""Text: a small CLIP, trained on the world's own captions, whose text half conditions the dynamics."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel
from transformers.modeling_outputs import BaseModelOutputWithPooling


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """Sizes of the text and image towers; vocabulary and length are the caption tokenizer's."""

    vocabulary: int
    length: int = 40
    height: int = 64
    channels: int = 128
    layers: int = 3
    heads: int = 4
    patch: int = 8


PAIRS = 4096  # numbers that pairs of neighbouring words are known by


class TextModel(nn.Module):
    """CLIP (arXiv:2103.00020) from `transformers`, configured small; its embeddings also say what was said.

    Agreement with pictures alone forgets what is small in them (the colour of the character), and words
    could not change it in play: so the pairs of neighbouring words are to be read off an embedding too.

    ids: int64 [B, length], 0 is padding and 3 the end of the text (see genie.core.captions).
    """

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        tower = dict(
            hidden_size=config.channels,
            intermediate_size=4 * config.channels,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
        )
        self.clip = CLIPModel(
            CLIPConfig(
                text_config=dict(
                    **tower,
                    vocab_size=config.vocabulary,
                    max_position_embeddings=config.length,
                    pad_token_id=0,
                    bos_token_id=2,
                    eos_token_id=3,
                    projection_dim=config.channels,
                ),
                vision_config=dict(
                    **tower, image_size=config.height, patch_size=config.patch, projection_dim=config.channels
                ),
                projection_dim=config.channels,
                attn_implementation="eager",
            )
        )

        self.said = nn.Linear(config.channels, PAIRS)
        nn.init.constant_(self.said.bias, -6.0)  # a text has few pairs

    def forward(self, ids_BL: Tensor) -> Tensor:
        """Token ids -> unit-length text embeddings [B, channels]."""
        said = pooled(self.clip.get_text_features(input_ids=ids_BL))
        return nn.functional.normalize(said, dim=-1)

    def look(self, frames_B3HW: Tensor) -> Tensor:
        """Frames in [-1, 1] -> unit-length image embeddings [B, channels]; they are seen as squares."""
        side = self.config.height
        if frames_B3HW.shape[-1] != side:
            frames_B3HW = nn.functional.interpolate(frames_B3HW, (side, side), mode="bilinear")
        seen = pooled(self.clip.get_image_features(pixel_values=frames_B3HW))
        return nn.functional.normalize(seen, dim=-1)

    def picture_half(self) -> tuple[nn.Module, ...]:
        """The parts that only pictures pass through."""
        return self.clip.vision_model, self.clip.visual_projection

    def read_back(self, texts_BE: Tensor) -> Tensor:
        """Text embeddings -> logits [B, PAIRS] of which pairs of words the texts had; see `pairs_of`."""
        return self.said(texts_BE * self.config.channels**0.5)

    def scale(self) -> Tensor:
        """How sharply agreement is scored; a scalar."""
        return self.clip.logit_scale.exp().clamp(max=100)


def pairs_of(ids_BL: Tensor) -> Tensor:
    """Which pairs of neighbouring words, by number, each text has: [B, PAIRS] of zeros and ones."""
    numbers = (ids_BL[:, :-1] * 31_337 + ids_BL[:, 1:]) % PAIRS
    there = (ids_BL[:, 1:] != 0).float()
    return torch.zeros(len(ids_BL), PAIRS, device=ids_BL.device).scatter_reduce(1, numbers, there, "amax")


def pooled(output: Tensor | BaseModelOutputWithPooling) -> Tensor:
    """The embeddings [B, E] of what `get_text_features` or `get_image_features` returned."""
    # transformers 5 returns the whole output where 4 returned the projected vector itself.
    return output if isinstance(output, torch.Tensor) else output.pooler_output
