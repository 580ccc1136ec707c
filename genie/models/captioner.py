"""The captioner: looks at a few frames of a clip and says what they show, in the words it was trained on."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel, ResNetConfig, ResNetModel

from genie.core.captions import BEGIN, END, PAD

DETAILS = 2  # a caption may be asked for briefly (0) or richly (1)


@dataclass(frozen=True, kw_only=True)
class CaptionerConfig:
    """Sizes of the captioner; vocabulary and length are the caption tokenizer's, frames what it looks at."""

    vocabulary: int
    length: int = 40
    height: int = 64
    width: int = 64
    frames: int = 4
    channels: tuple[int, ...] = (48, 96)
    hidden: int = 128
    layers: int = 2
    heads: int = 4


class Captioner(nn.Module):
    """A residual network that sees all frames at once, and a GPT-2 that attends to what it sees.

    Both are classes of `transformers`, configured small. The first word a caption is made from says how much
    of it is wanted: ids beyond the vocabulary, one for each of DETAILS.
    """

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__()
        self.config = c = config
        self.see = ResNetModel(
            ResNetConfig(
                num_channels=3 * c.frames,
                embedding_size=c.channels[0],
                hidden_sizes=list(c.channels),
                depths=[1] * len(c.channels),
                layer_type="basic",
            )
        )
        self.project = nn.Linear(c.channels[-1], c.hidden)
        shrunk = 4 * 2 ** (len(c.channels) - 1)
        self.places = nn.Parameter(
            torch.randn(-(-c.height // shrunk) * -(-c.width // shrunk), c.hidden) * 0.02
        )
        self.speak = GPT2LMHeadModel(
            GPT2Config(
                vocab_size=c.vocabulary + DETAILS,
                n_positions=c.length,
                n_embd=c.hidden,
                n_layer=c.layers,
                n_head=c.heads,
                add_cross_attention=True,
                attn_pdrop=0.0,
                embd_pdrop=0.0,
                resid_pdrop=0.0,
                bos_token_id=BEGIN,
                eos_token_id=END,
                pad_token_id=PAD,
            )
        )

    def look(self, frames_BT3HW: Tensor) -> Tensor:
        """What is seen [B, places, hidden] in frames [B, frames, 3, H, W] in [-1, 1]."""
        stacked = frames_BT3HW.flatten(1, 2).contiguous(memory_format=torch.channels_last)
        seen = self.see(stacked).last_hidden_state.flatten(2).mT
        return self.project(seen) + self.places

    def forward(self, frames_BT3HW: Tensor, ids_BL: Tensor, detail_B: Tensor) -> Tensor:
        """Cross-entropy of captions, int64 [B, length] as the tokenizer makes them, given their frames."""
        given = torch.cat([self._wish(detail_B), ids_BL[:, 1:-1]], 1)
        wanted = ids_BL[:, 1:]
        longest = int((wanted != PAD).sum(1).max())
        given, wanted = given[:, :longest], wanted[:, :longest]
        seen = self.look(frames_BT3HW)
        # Padding comes last: nothing that counts attends to it, and a mask of ones is the cheapest.
        out = self.speak(
            input_ids=given,
            attention_mask=torch.ones_like(given),
            encoder_hidden_states=seen,
            use_cache=False,
        )
        logits = out.logits
        return F.cross_entropy(logits.flatten(0, 1).float(), wanted.flatten(), ignore_index=PAD)

    @torch.no_grad()
    def say(self, frames_BT3HW: Tensor, detail: int = DETAILS - 1) -> Tensor:
        """The likeliest words, one after another: int64 [B, length - 1], [EOS] and [PAD] at the end."""
        seen = self.look(frames_BT3HW)
        last = self._wish(torch.full((len(seen),), detail, device=seen.device))
        said: list[Tensor] = []
        past = None
        done = torch.zeros(len(seen), dtype=torch.bool, device=seen.device)
        for _ in range(self.config.length - 1):
            out = self.speak(
                input_ids=last,
                attention_mask=last.new_ones(len(seen), len(said) + 1),
                encoder_hidden_states=seen,
                past_key_values=past,
                use_cache=True,
            )
            past = out.past_key_values
            logits = out.logits[:, -1].float()
            logits[:, [PAD, BEGIN]] = -torch.inf
            logits[:, self.config.vocabulary :] = -torch.inf
            last = logits.argmax(-1).masked_fill(done, PAD)[:, None]
            said.append(last)
            done = done | (last[:, 0] == END)
            if done.all():
                break
        return torch.cat(said, 1)

    def _wish(self, detail_B: Tensor) -> Tensor:
        return (self.config.vocabulary + detail_B)[:, None]
