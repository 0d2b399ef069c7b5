"""A production for the executor's tests, without the judge of every request: tests/production has that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from production.stage import Production, open_production


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    with open_production(tmp_path) as opened:
        yield opened
