from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from allclear.cli import main
from allclear.core.postmortem.front_matter import read
from allclear_lab.drill.steps import Step
from lab.drill.conftest import TEMPLATES, Player


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    out = tmp_path_factory.mktemp("drill")
    result = CliRunner().invoke(main, ["drill", "--out", str(out)])
    return result.exit_code, result.output, out


def test_the_default_drill_ends_as_its_script_expects(played: tuple[int, str, Path]) -> None:
    code, output, _ = played
    assert code == 0, output
    assert output.endswith("It ended as the script expects.\n")


def test_the_sweep_sees_the_merge_with_no_more_rights_than_its_workflow_has(
    played: tuple[int, str, Path],
) -> None:
    assert "The post-mortem is published" in " ".join(played[1].split())


def test_it_shows_the_conversation_with_simulated_times_and_what_it_took(
    played: tuple[int, str, Path],
) -> None:
    output = played[1]
    for shown in ("14:02  │ ann  Ann Archer · maintain", "14:04  │ allclear", "reads,", "how it ended"):
        assert shown in output


def test_what_is_said_on_another_issue_stands_there_as_it_is_written(played: tuple[int, str, Path]) -> None:
    lines = [line.partition("│ ")[2].strip() for line in played[1].split("\n")]
    said = lines.index("commented on issue #5")
    assert lines[said - 1] == "opened issue #5: Overdue action items"
    assert any(line.startswith("• #3 Run migrations before the release") for line in lines[said : said + 5])


def test_it_leaves_the_post_mortem_and_a_transcript(played: tuple[int, str, Path]) -> None:
    out = played[2]
    assert (out / "2025-10-19-production-down.md").read_text().startswith("---\nid: INC-2025-001\n")
    assert "Incident Post-Mortem: Production down" in (out / "transcript.html").read_text()


def test_it_leaves_the_pull_request_as_it_was_reviewed(played: tuple[int, str, Path]) -> None:
    page = (played[2] / "pull-request.md").read_text()
    assert page.startswith("# Post-mortem: Production down")
    said = [line for line in page.split("\n") if line.startswith("**")]
    assert any(line.startswith("**Allclear commented**") for line in said)
    assert any(line.startswith("**ann approved**") for line in said)
    assert "| `allclear/post-mortem` |" in page


REPORTS = TEMPLATES.parent / "reports" / "incidents"
SHOWN = REPORTS / "2025-10-19-drill-production-down.md"


def as_drill(report: str) -> str:
    """The post-mortem as it stands in this repository, where nobody may take it for a real one."""
    return report.replace("\nkind: real\n", "\nkind: drill\n", 1)


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ("2025-10-19-production-down.md", SHOWN),
        ("pull-request.md", REPORTS / "pull-requests" / SHOWN.name),
    ],
)
def test_what_stands_in_this_repository_is_what_the_default_drill_leaves(
    played: tuple[int, str, Path], made: str, shown: Path, request: pytest.FixtureRequest
) -> None:
    text = as_drill((played[2] / made).read_text())
    if request.config.getoption("--update-golden"):
        shown.parent.mkdir(exist_ok=True)
        shown.write_text(text)
    assert shown.read_text() == text, "pytest --update-golden writes it anew"


def test_the_drill_in_this_repository_is_counted_in_no_number() -> None:
    report = read(SHOWN.read_text()).report
    assert report.kind == "drill"
    assert report.repository == "hotrodan/hotdash"


def test_the_index_of_this_repository_is_up_to_date() -> None:
    result = CliRunner().invoke(main, ["report", "--index", "--root", str(TEMPLATES.parent)])
    assert "is up to date" in result.output, "allclear report --index renews it"


def test_the_script_in_the_documentation_plays_as_it_says(play: Player) -> None:
    page = (TEMPLATES.parent / "docs" / "drill.md").read_text()
    example = page.split("```yaml\n")[1].split("```")[0]
    assert play(example).record.missed == ()


def test_the_documentation_names_everything_that_people_can_do() -> None:
    page = (TEMPLATES.parent / "docs" / "drill.md").read_text()
    for kind in get_args(get_args(Step)[0]):
        for word in get_args(kind.model_fields["does"].annotation):
            assert f"`{word}`" in page
