"""Golden files: what people read, as somebody last approved of it. `pytest --update-golden` renews."""

from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "golden"

Golden = Callable[[str, str], None]
"""`golden("panel/declared.md", body)` fails when the file reads otherwise."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write what was rendered into tests/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    update = bool(request.config.getoption("--update-golden"))

    def check(name: str, text: str) -> None:
        file = FOLDER / name
        if update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
        assert file.is_file(), f"tests/golden/{name} is not there; write it with pytest --update-golden"
        assert text + "\n" == file.read_text(encoding="utf-8"), (
            f"tests/golden/{name} reads otherwise; pytest --update-golden keeps the new look"
        )

    return check
