from __future__ import annotations

import pytest

from commands.room import Talk


@pytest.fixture
def talk() -> Talk:
    """A P1, just declared."""
    return Talk()
