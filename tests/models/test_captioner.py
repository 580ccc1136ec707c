"""The captioner learns what differs between two pictures, and stops when it has said it."""

import pytest
import torch

from genie.core.captions import END, PAD
from genie.models.captioner import Captioner, CaptionerConfig

CONFIG = CaptionerConfig(vocabulary=12, length=8, height=32, width=32, frames=2, channels=(8, 16), hidden=32)
DARK, LIGHT = [2, 5, 6, END, 0, 0, 0, 0], [2, 7, 8, 9, END, 0, 0, 0]
BRIEF_DARK = [2, 5, END, 0, 0, 0, 0, 0]


@pytest.fixture(scope="module")
def taught() -> Captioner:
    """Taught three captions until it has them by heart; the dark picture has a brief one too."""
    torch.manual_seed(0)
    model = Captioner(CONFIG)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    frames, ids = pictures(), torch.tensor([DARK, LIGHT, BRIEF_DARK])
    for _ in range(60):
        loss = model(frames[[0, 1, 0]], ids, torch.tensor([1, 1, 0]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()


def pictures() -> torch.Tensor:
    noise = torch.randn(2, 2, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 0.1
    return noise + torch.tensor([-0.8, 0.8]).view(2, 1, 1, 1, 1)


def said(rows: torch.Tensor) -> list[list[int]]:
    return [[i for i in row.tolist() if i != PAD] for row in rows]


def test_each_picture_is_said_in_its_own_words(taught: Captioner) -> None:
    assert said(taught.say(pictures())) == [[5, 6, END], [7, 8, 9, END]]


def test_less_can_be_asked_for(taught: Captioner) -> None:
    assert said(taught.say(pictures()[:1], detail=0)) == [[5, END]]


def test_nothing_but_words_is_said_and_it_ends(taught: Captioner) -> None:
    rows = Captioner(CONFIG).eval().say(torch.randn(3, 2, 3, 32, 32))
    assert rows.shape[0] == 3 and rows.shape[1] <= CONFIG.length - 1
    assert int(rows.max()) < CONFIG.vocabulary


def test_a_word_is_predicted_from_those_before_it_alone(taught: Captioner) -> None:
    with torch.no_grad():
        whole = taught(pictures()[:1], torch.tensor([DARK]), torch.tensor([1]))
        longer = taught(pictures()[:1], torch.tensor([[*DARK[:3], 9, 9, 9, 9, 9]]), torch.tensor([1]))
    assert torch.isfinite(whole) and float(longer) > float(whole) + 1
