"""A first guess at the next frame, which the dynamics then correct."""

import torch
from torch import Tensor, nn

from genie.models.action_map import ActionMap
from genie.models.latent_action import LatentActionModel, stacked
from genie.models.tokenizer import Tokenizer


class Drafter(nn.Module):
    """Redoes an action with the latent action model's decoder, and reads what comes out as a token grid.

    A scrolling picture is easy to carry along in pixels and hard to carry along in tokens, all of which
    change when it moves by half a pixel. So the dynamics are shown the last frame already moved, and are
    left with what moving cannot know: new ground, creatures, chance. Nothing here is trained with them.

    Shapes: B transitions, K frames of history, N places, D digits a place.
    """

    def __init__(self, latent_action: LatentActionModel, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.latent_action, self.tokenizer = latent_action, tokenizer

    @property
    def history(self) -> int:
        """Frames of the past that a draft is made from."""
        return self.latent_action.config.history

    def forward(self, past_BKHW: Tensor, codes_B: Tensor) -> Tensor:
        """Past frames [B, 3K, H, W] in [-1, 1], codes -> float32 values [B, N, D] in [-1, 1], unrounded."""
        return self.read(self.latent_action.predict(past_BKHW, codes_B))

    def by_key(self, past_BKHW: Tensor, keys_B: Tensor, keys: ActionMap) -> tuple[Tensor, Tensor]:
        """The code that each key means here [B], and its draft [B, N, D]."""
        features = self.latent_action.past(past_BKHW)
        codes = keys.meant(keys_B, self.latent_action.glance(features))
        return codes, self.read(self.latent_action.redo(features, past_BKHW[:, -3:], codes))

    def read(self, frames_B3HW: Tensor) -> Tensor:
        """Foretold frames [B, 3, H, W], which may leave [-1, 1] -> values [B, N, D]."""
        return self.tokenizer.latents(frames_B3HW.clamp(-1, 1))

    def codes(self, digits_BTND: Tensor, frames_BT3HW: Tensor) -> Tensor:
        """The code of every transition [B, T-1] between frames, the past seen as play sees it: rendered.

        digits are the frames' tokens. A code may mean one thing after true frames and another after rendered
        ones, so nothing that is told codes may read them off true ones.
        """
        past = self._pasts(digits_BTND[:, :-1])
        codes = self.latent_action.infer(past, frames_BT3HW[:, 1:].flatten(0, 1))
        return codes.unflatten(0, (len(digits_BTND), -1))

    def sequence(self, digits_BTND: Tensor, codes_BT: Tensor) -> Tensor:
        """A draft of what follows each of the frames that tokens [B, T, N, D] stand for, same shape."""
        return self(self._pasts(digits_BTND), codes_BT.flatten()).unflatten(0, codes_BT.shape)

    def _pasts(self, digits_BTND: Tensor) -> Tensor:
        """Every frame with those before it [B * T, 3K, H, W]; the first one is repeated, as play starts."""
        frames = self.tokenizer.decode(digits_BTND.flatten(0, 1)).unflatten(0, digits_BTND.shape[:2])
        padded = torch.cat((frames[:, :1].expand(-1, self.history - 1, -1, -1, -1), frames), 1)
        return stacked(padded.unfold(1, self.history, 1).movedim(-1, 2).flatten(0, 1))
