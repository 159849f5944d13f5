"""Every random draw of this room's tests is seeded."""

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20160101)
