"""What every test relies on: tools that may be missing, and no way out to the internet."""

import gc
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples everywhere, and no example fails for being slow.
settings.register_profile("allclear", derandomize=True, deadline=None)
settings.load_profile("allclear")

pytest_plugins = ["golden_files", "sampling", "tally"]

# Thousands of tests, and GitHub's descriptions, are there to stay. A tenth of all time went into looking
# through them for garbage: what was collected is looked through no more, and the rest less often.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".ci-tools"

# A file may be kept elsewhere; the variable says where. In place is where .ci/run puts it.
FILES = {
    "openapi": ("ALLCLEAR_GITHUB_OPENAPI", TOOLS / "openapi/package/generated/api.github.com.json"),
    "graphql": ("ALLCLEAR_GITHUB_GRAPHQL", TOOLS / "graphql/package/schema.graphql"),
    "node": ("ALLCLEAR_NODE_MODULES", TOOLS / "npm/node_modules"),
}
PROGRAMS = {
    "act": ("act",),
    "actionlint": ("actionlint",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "gh": ("gh",),
    "node": ("node",),
    "zizmor": ("zizmor",),
}
SEARCH = os.pathsep.join([str(TOOLS / "bin"), str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def find_tool(name: str) -> Path | None:
    """Where a tool of the `needs` mark is: the program, or the file (`node`: the folder of its packages)."""
    if name not in PROGRAMS and name not in FILES:
        msg = f"no test tool is called {name!r}; known: {', '.join(sorted({*PROGRAMS, *FILES}))}"
        raise LookupError(msg)
    found: Path | None = None
    for program in PROGRAMS.get(name, ()):
        place = shutil.which(program, path=SEARCH)
        found = found or (Path(place) if place else None)
    if name in PROGRAMS and found is None:
        return None
    if name in FILES:
        variable, place_in_tree = FILES[name]
        found = Path(os.environ.get(variable) or place_in_tree)
    return found.resolve() if found is not None and found.exists() else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        missing = ", ".join(name for name in mark.args if find_tool(name) is None)
        if missing and os.environ.get("CI") == "true":
            pytest.fail(f"{missing}: not installed, and required in CI (see .ci/run)", pytrace=False)
        if missing:
            pytest.skip(f"{missing}: not installed (.ci/run does it)")


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """`tool("act")` is the path of a tool the test is marked to need."""

    def path(name: str) -> Path:
        found = find_tool(name)
        assert found is not None, f'mark this test with @pytest.mark.needs("{name}")'
        return found

    return path


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


class OutsideError(AssertionError):
    """A test tried to reach something outside 127.0.0.1."""


def _stay_on_this_machine(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name is not None and not (name in {"", "localhost", "::1"} or name.startswith("127.")):
        msg = f"a test tried to reach {name}"
        raise OutsideError(msg)


# An audit hook sees every connection of this process, whichever library makes it, for the whole session.
sys.addaudithook(_stay_on_this_machine)
