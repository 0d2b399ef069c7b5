"""A production that breaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import find_tool
from fidelity.faithful import assert_faithful
from production.stage import Production, open_production


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    with open_production(tmp_path) as opened:
        yield opened
    # What a lost runner asked was never answered, so there is nothing to compare.
    opened.hub.requests[:] = [request for request in opened.hub.requests if request.status]
    if find_tool("openapi"):  # tests/fidelity fails in CI when it is missing
        assert_faithful(opened.hub)
