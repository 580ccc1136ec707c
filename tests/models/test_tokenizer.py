import pytest
import torch

from genie.models.quantizer import FSQ, FSQConfig
from genie.models.tokenizer import Tokenizer, TokenizerConfig

SMALL = TokenizerConfig(
    height=32,
    width=32,
    fine=8,
    coarse=16,
    encoder_fine_blocks=1,
    encoder_coarse_blocks=1,
    decoder_fine_blocks=1,
    decoder_coarse_blocks=1,
)


@pytest.mark.parametrize("levels", [2, 5, 8])
def test_every_digit_survives_the_way_to_values_and_back(levels: int) -> None:
    fsq = FSQ(FSQConfig(dims=1, levels=levels))
    digits = torch.arange(levels)[:, None]
    values = fsq.values(digits)
    assert values.min() == -1 and values.max() == 1
    assert torch.equal(fsq.nearest(values.clamp(-0.999, 0.999)), digits)


def test_quantized_values_are_those_of_the_digits_and_pass_gradients() -> None:
    fsq = FSQ(FSQConfig(dims=4, levels=5))
    z = torch.randn(10, 4, requires_grad=True)
    assert torch.allclose(fsq(z), fsq.values(fsq.nearest(z.tanh())), atol=1e-6)
    fsq(z).sum().backward()
    assert z.grad is not None and (z.grad.abs() > 0).all()


def test_decoding_the_tokens_is_the_same_as_running_through() -> None:
    torch.manual_seed(0)
    tokenizer = Tokenizer(SMALL)
    frames = torch.rand(3, 3, 32, 32) * 2 - 1
    digits = tokenizer.encode(frames)
    assert digits.shape == (3, 16, 16) and digits.min() >= 0 and digits.max() <= 4
    assert torch.allclose(tokenizer.decode(digits), tokenizer(frames).clamp(-1, 1), atol=1e-5)


def test_each_frame_is_coded_alone() -> None:
    torch.manual_seed(0)
    tokenizer = Tokenizer(SMALL)
    frames = torch.rand(4, 3, 32, 32) * 2 - 1
    together = tokenizer.encode(frames)
    alone = torch.cat([tokenizer.encode(frame[None]) for frame in frames])
    assert torch.equal(together, alone)


def test_sizes_that_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 8"):
        TokenizerConfig(height=60)
