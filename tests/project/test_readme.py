"""What the README repeats from the code is the code's."""

import re
from pathlib import Path

import pytest

from allclear.adapters.files.settings import load_policy
from allclear.commands import COMMANDS
from allclear.commands.help import command_table

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_lists_every_command_as_the_code_has_it() -> None:
    assert command_table(COMMANDS) in README, "run `allclear commands` and paste its table into README.md"


def test_the_state_diagram_has_every_status_of_the_default_runbook() -> None:
    diagram = README.split("stateDiagram-v2", 1)[1].split("```", 1)[0]
    assert {state.id for state in load_policy(ROOT).runbook.states} <= set(re.findall(r"[a-z]+", diagram))


LINKS = re.findall(r"\]\((?!https?:)([^)#]+)\)", README) + re.findall(r"src=\"([^\"]+)\"", README)


@pytest.mark.parametrize("link", sorted(set(LINKS)))
def test_what_the_readme_points_to_is_there(link: str) -> None:
    assert (ROOT / link).exists()
