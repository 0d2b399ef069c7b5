import re
from pathlib import Path

import pytest

from allclear.adapters.files.job_output import (
    LARGEST_SUMMARY,
    safe_line,
    safe_lines,
    summarise,
    write_outputs,
)
from cpu_seconds import cpu_seconds


def read_as_the_runner(text: str) -> dict[str, str]:
    """What the runner finds in GITHUB_OUTPUT: `name<<delimiter`, lines, delimiter."""
    values = {}
    lines = text.split("\n")
    while lines and lines[0]:
        name, _, delimiter = lines.pop(0).partition("<<")
        assert delimiter
        found = []
        while lines[0] != delimiter:
            found.append(lines.pop(0))
        lines.pop(0)
        values[name] = "\n".join(found)
    return values


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_outputs_are_what_was_given(file: Path) -> None:
    env = {"GITHUB_OUTPUT": str(file)}

    write_outputs(env, {"operation": "rollback-0a1b2c3d", "go": "true"})
    write_outputs(env, {"service": "web", "empty": ""})

    assert read_as_the_runner(file.read_text()) == {
        "operation": "rollback-0a1b2c3d",
        "go": "true",
        "service": "web",
        "empty": "",
    }


@pytest.mark.parametrize(
    "value", ["a\ngo=true", "x\nEOF\ngo<<EOF\ntrue\nEOF", "a\r\ngo=true\r\n", "a\n\n", "=", "<<", "ä\udcff"]
)
def test_no_value_forges_another_output(file: Path, value: str) -> None:
    """Fault E2."""
    write_outputs({"GITHUB_OUTPUT": str(file)}, {"service": value, "go": "false"})

    with file.open(newline="") as written:
        assert read_as_the_runner(written.read()) == {"service": value.replace("\udcff", "?"), "go": "false"}


def test_every_delimiter_is_another(file: Path) -> None:
    write_outputs({"GITHUB_OUTPUT": str(file)}, {"a": "", "b": "", "c": ""})

    assert len(set(re.findall(r"<<(end-[0-9a-f]{32})\n", file.read_text()))) == 3


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a\nb", "1a", "a<<b", "ä"])
def test_a_name_that_is_none_is_an_error_and_writes_nothing(file: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of an output"):
        write_outputs({"GITHUB_OUTPUT": str(file)}, {"good": "1", name: "1"})

    assert not file.exists()


def test_outside_of_a_job_nothing_is_written() -> None:
    write_outputs({}, {"go": "true"})
    summarise({}, "text")


def test_the_summary_grows_by_paragraphs(file: Path) -> None:
    env = {"GITHUB_STEP_SUMMARY": str(file)}

    summarise(env, "## Smoke\n")
    summarise(env, "passed\udcff")

    assert file.read_text() == "## Smoke\n\npassed?\n\n"


def test_a_summary_never_grows_beyond_what_github_shows(file: Path) -> None:
    env = {"GITHUB_STEP_SUMMARY": str(file)}

    summarise(env, "a" * 1000)
    summarise(env, "ä" * LARGEST_SUMMARY)
    size = file.stat().st_size

    assert LARGEST_SUMMARY - 4 <= size <= LARGEST_SUMMARY
    text = file.read_text()  # cut between two characters
    assert text.endswith("ä\n\nThe rest was left out: GitHub shows 1 MiB.\n")
    summarise(env, "more")
    assert file.stat().st_size == size


COMMANDS = [
    "::set-output name=go::true",
    "   ::add-mask::a",
    "\t::error::x",
    "\u00a0::stop-commands::token",
    "\u2003\u3000::group::x",
    "::::",
    "a\n::warning::x",
    "a\r::warning::x",
    "a\u2028::warning::x",
    ":\u200b:error::x",
    "\ufeff::error::x",
    "\u2060:\u2060:error::x",
    ":\u034f:error::x",
    "\u034f::error::x",
    ":\ufe0f:error::x",
    "##[add-mask]x",
    "text ##[set-env name=PATH]x",
    "#\u200d#[error]x",
    "#\u034f#\u034f[error]x",
    "###[error]x",
    "##[##[error]x",
    "\x1b[0m::error::x",
]

# Signs that a comparison by the rules of a language skips, as the runner's does.
SKIPPED = re.compile(r"[^ -~]")


@pytest.mark.parametrize("text", COMMANDS)
def test_no_line_is_a_command_to_the_runner(text: str) -> None:
    """Fault E2; a line is a command when it begins with :: after white space, or has ##[ anywhere."""
    for line in (safe_line(text), *safe_lines(text)):
        assert "\n" not in line
        assert "\r" not in line
        for heard in (line, SKIPPED.sub("", line)):
            assert not heard.lstrip().startswith("::")
            assert "##[" not in heard


@pytest.mark.parametrize(
    "text", ["std::vector", "a :: b", "# heading", "issue #12 [x]", "  indented: yes", "12:30:00", ""]
)
def test_a_line_that_is_none_stays_as_it_is(text: str) -> None:
    assert safe_line(text) == text


def test_a_text_of_many_lines_becomes_safe_lines() -> None:
    assert list(safe_lines("one\n::error::two\r\nthree")) == ["one", ": :error::two", "three"]
    assert safe_line("one\ntwo") == "one two"


@pytest.mark.parametrize(
    "text", ["#\u034f" * 50_000, ":\u034f" * 50_000, "\u034f" * 100_000 + ":", "#" * 100_000]
)
def test_a_long_hostile_line_is_cut_and_takes_no_time(text: str) -> None:
    found = list[str]()
    assert cpu_seconds(lambda: found.append(safe_line(text))) < 1
    assert len(found[0]) <= 4000
