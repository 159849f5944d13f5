"""One house for all SDKs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.processes.installation import Made
from tests.sdk.house import House


@pytest.fixture(scope="session")
def house(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Each test has keys and sources of its own in it."""
    house = House(tmp_path_factory.mktemp("sdk") / "data", made)
    house.open()
    yield house
    house.close()
