"""What may be said of how much words count."""

from __future__ import annotations

import numpy as np
import pytest

from genie.core.errors import UsageError
from genie.core.strength import checked_strength


@pytest.mark.parametrize("strength", [0, 1, 2.5, 10, np.float32(1.5), True])
def test_numbers_from_nought_to_ten(strength: float) -> None:
    assert checked_strength(strength) == strength
    assert type(checked_strength(strength)) is float


@pytest.mark.parametrize("strength", [-0.1, 10.1, float("nan"), float("inf"), 10**400, "much", None])
def test_anything_else_is_refused_in_a_line(strength: object) -> None:
    with pytest.raises(UsageError, match="strength of words is from 0 to 10"):
        checked_strength(strength)  # type: ignore[arg-type]
