"""Runbooks are found where they live, and everything that is wrong with one is said with file and line."""

from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from allclear.adapters.files.reference import parts
from allclear.adapters.files.runbook_files import names_of
from allclear.adapters.files.runbook_in_force import runbook_in_force
from allclear.adapters.files.runbooks import WrittenMistake, find, items_of, read_written
from allclear.adapters.files.written_file import nothing_earlier
from allclear.core.language.document import RunbookFile
from sampling import Proof
from written import FILES, NAMES, ROOT, raw, text

SMALL = """\
name: mine
severities:
  SEV1: { response: 5m }
  SEV2: { response: 30m }
chains:
  on-call: [On-call, Team Lead]
"""
OWN = ".github/allclear/runbooks/mine.yml"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the shipped runbooks, and a folder for its own."""
    (tmp_path / ".github/allclear/runbooks").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/engine.yml").symlink_to(ROOT / "templates/engine.yml")
    (tmp_path / "templates/runbooks").mkdir()
    for name, file in FILES.items():
        (tmp_path / f"templates/runbooks/{name}.yml").symlink_to(file)
    return tmp_path


def wrong(checkout: Path, text: str, name: str = "mine") -> list[str]:
    (checkout / ".github/allclear/runbooks" / f"{name}.yml").write_text(text, encoding="utf-8")
    _, found = read_written(checkout, name)
    return [str(one) for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_runbook_is_in_order(checkout: Path, name: str) -> None:
    file, found = read_written(checkout, name)
    assert file is not None
    assert found == ()


def test_a_team_s_own_runbook_counts_before_a_shipped_one(checkout: Path) -> None:
    assert wrong(checkout, SMALL.replace("mine", "sev"), "sev") == []
    assert find(checkout, "sev").path == ".github/allclear/runbooks/sev.yml"
    assert find(checkout, "neutral").path == "templates/runbooks/neutral.yml"
    assert {"sev", "neutral"} <= set(names_of(checkout))


@pytest.mark.parametrize("name", ["neutrall", "../../secret", "Sev", ""])
def test_a_name_that_no_runbook_has(checkout: Path, name: str) -> None:
    file, (found,) = read_written(checkout, name)
    assert file is None
    assert f"no runbook '{name}'" in found.why
    assert ("did you mean 'neutral'?" in found.why) == (name == "neutrall")


def test_all_mistakes_of_a_file_are_told_with_their_lines(checkout: Path) -> None:
    text = SMALL + (
        "zone: Mars/Olympus\n"
        "rules:\n"
        "  security: { when: { flag: secruity }, tell: Team Laed, frm: declared }\n"
        "lists:\n"
        "  done:\n"
        "    before: resolvd\n"
        "    steps: { told: Everybody was told }\n"
    )
    assert wrong(checkout, text) == [
        (
            f"`{OWN}` line 7: `zone`: 'Mars/Olympus' is not an IANA time zone; write one such as UTC or "
            "Europe/Berlin."
        ),
        f"`{OWN}` line 9: `frm` is not a part of a runbook; did you mean `from`?",
        f"`{OWN}` line 9: `rules.security.when.flag.1`: no flag 'secruity'; did you mean 'security'?",
        f"`{OWN}` line 9: `rules.security.tell.1`: nobody is 'Team Laed'; did you mean 'Team Lead'?",
        f"`{OWN}` line 12: `lists.done.before`: did you mean `resolved`?",
    ]


def test_what_is_missing_is_said(checkout: Path) -> None:
    assert wrong(checkout, "name: mine\nseverities: { SEV1: {} }\n") == [
        f"`{OWN}` line 1: `chains` is missing; add it.",
        f"`{OWN}` line 2: `severities.SEV1.response` is missing; add it.",
    ]


def test_what_speaks_of_a_broken_entry_is_not_judged(checkout: Path) -> None:
    text = SMALL.replace("[On-call, Team Lead]", "{ levels: 7, frr: SEV1 }")
    text += "rules: { late: { after: 5m, tell: Team Lead, until: never } }\n"
    assert wrong(checkout, text) == [
        f"`{OWN}` line 6: `chains.on-call.levels`: write a list here, such as `[one, two]`.",
        f"`{OWN}` line 6: `frr` is not a part of a runbook; did you mean `for`?",
        (
            f"`{OWN}` line 7: `rules.late.until`: write `declared`, `acknowledged`, `identified`, "
            "`mitigated`, `resolved`, `all-clear` or `published`."
        ),
    ]


def test_another_name_than_the_file_s_is_refused(checkout: Path) -> None:
    assert wrong(checkout, SMALL.replace("mine", "yours")) == [
        f"`{OWN}` line 1: `name` has to be the file's: write `name: mine`."
    ]


def test_what_is_hardly_meant_is_a_warning(checkout: Path) -> None:
    text = SMALL.replace("5m", "2h") + "channels:\n  room: #incidents\n  desk: 14:15\n"
    (checkout / OWN).write_text(text)
    file, found = read_written(checkout, "mine")
    assert file is not None
    assert [str(one) for one in found] == [
        f"`{OWN}` line 4: `severities.SEV2.response`: SEV2 is answered within 30m, sooner than SEV1 with 2h.",
        (
            f"`{OWN}` line 8: `#` begins a comment, so nothing behind it counts. "
            'Write `room: "#incidents"`, or a blank behind it.'
        ),
        f'`{OWN}` line 9: other readers of YAML take 14:15 for a number. Write `desk: "14:15"`.',
    ]
    assert all(one.warning for one in found)


def test_a_comment_with_a_blank_is_one(checkout: Path) -> None:
    assert wrong(checkout, SMALL + 'zone: UTC # everywhere\nchannels: { room: "#x" } # a room\n') == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("title: Shop: web", 'put a text with a colon in quotes. Write `title: "Shop: web"`.'),
        ("\ttitle: Shop", "Indent with blanks, not with a tab. Write `title: Shop`."),
        ("name: mine", "`name` is there twice; keep one."),
        ("zone: *home", "`*home` is an alias; write the value out."),
        ("zone: &home UTC", "`&home` is an anchor; write the value out where it is used."),
    ],
)
def test_what_is_no_yaml_of_ours_is_told_as_it_should_be(checkout: Path, line: str, told: str) -> None:
    (found,) = wrong(checkout, f"{SMALL}{line}\n")
    assert found.startswith(f"`{OWN}` line ")
    assert told in found


def test_a_file_that_is_no_text_or_no_runbook(checkout: Path) -> None:
    (checkout / OWN).write_bytes(SMALL.encode() + b"title: \xff\n")
    assert str(read_written(checkout, "mine")[1][0]) == (
        f"`{OWN}` line 7: this is not UTF-8 text. Save the file as UTF-8."
    )
    assert wrong(checkout, "- one\n") == [f"`{OWN}` line 1: a runbook has lines of `name: value`."]
    assert wrong(checkout, "#" * 300_000) == [f"`{OWN}` line 1: it is larger than 256 KiB."]


# -- extends --


def test_a_runbook_that_changes_another_is_the_other_with_the_changes(checkout: Path) -> None:
    text = "name: mine\nextends: sev\nseverities: { SEV1: { update: 10m }, SEV4: none }\n"
    assert wrong(checkout, text) == []
    file, _ = read_written(checkout, "mine")
    assert file is not None
    assert list(file.severities) == ["SEV1", "SEV2", "SEV3"]
    assert str(file.severities["SEV1"].update) == "10m"


def test_a_mistake_is_told_where_it_was_written(checkout: Path) -> None:
    (checkout / OWN.replace("mine", "base")).write_text(
        SMALL.replace("mine", "base") + "default_severity: SEV9\n"
    )
    text = "name: mine\nextends: base\nseverities:\n  SEV2: { alert: pagr }\n"
    assert wrong(checkout, text) == [
        (
            f"`{OWN.replace('mine', 'base')}` line 7: `default_severity`: no severity 'SEV9'; did you mean "
            "'SEV2'?"
        ),
        f"`{OWN}` line 4: `severities.SEV2.alert.1`: no channel 'pagr'; there are issue.",
    ]


@pytest.mark.parametrize(
    ("extends", "told"),
    [
        ("neutrall", "`extends`: no runbook 'neutrall'; did you mean 'neutral'?"),
        ("mine", "`extends`: no runbook 'mine'; "),
        ("[sev, neutral]", "`extends` names one runbook: write `extends: neutral`."),
        ("other", "only one step is possible. Write `extends: sev`, and what other changes."),
    ],
)
def test_what_cannot_be_changed(checkout: Path, extends: str, told: str) -> None:
    (checkout / OWN.replace("mine", "other")).write_text("name: other\nextends: sev\n")
    (found,) = wrong(checkout, f"name: mine\nextends: {extends}\n")
    assert found.startswith(f"`{OWN}` line 2: ")
    assert told in found


OTHER_KINDS: tuple[Any, ...] = (
    "x",
    [],
    ["x"],
    ["x", "x"],
    [{"x": "y"}],
    [["x"]],
    {},
    {"x": "y"},
    {"x": {"y": "z"}},
    {"x": ["y"]},
)
"""What may stand where something else belongs."""


KEYS = {key.name for part in parts(RunbookFile) for key in part.keys}
"""What the language itself calls things; every other name is the team's."""


def everywhere(value: Any, where: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """The path of every value in a file."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, one in inside:
        yield (*where, part)
        yield from everywhere(one, (*where, part))


def with_other(value: Any, where: tuple[int | str, ...], other: Any) -> Any:
    """The value with something else at this path."""
    if not where:
        return other
    changed = copy(value)
    changed[where[0]] = with_other(value[where[0]], where[1:], other)
    return changed


def test_whatever_stands_in_a_place_is_read_or_told_of(checkout: Path, proof: Proof) -> None:
    """A file that ends the program pages nobody."""
    books = {name: raw(name) for name in NAMES}
    places = {
        tuple(part if part in KEYS else "*" for part in where): (name, where)
        for name in NAMES
        for where in everywhere(books[name])
    }
    cases = [(name, where, other) for name, where in places.values() for other in OTHER_KINDS]
    for name, where, other in proof(cases, 150):
        text = yaml.safe_dump(with_other(books[name], where, other), sort_keys=False, allow_unicode=True)
        (checkout / ".github/allclear/runbooks" / f"{name}.yml").write_text(text, encoding="utf-8")
        file, found = read_written(checkout, name)
        assert file is not None or found, where
        runbook, trouble = runbook_in_force(checkout, name, nothing_earlier)
        assert runbook.severities
        assert bool(trouble) == (not all(one.warning for one in found)), where


# -- the language before --


def test_the_keys_of_the_old_language_are_refused_with_the_new_line(checkout: Path) -> None:
    old = (ROOT / "tests/recorded/runbooks/hotdash-2.yml").read_text(encoding="utf-8")
    found = wrong(checkout, old.replace("name: hotdash", "name: mine", 1))
    lines = [old.splitlines().index(line) + 1 for line in old.splitlines() if line.startswith("deadlines:")]
    assert any(one.startswith(f"`{OWN}` line {lines[0]}: `deadlines` follow from") for one in found)
    assert not any("is missing" in one or "not a part of a runbook" in one for one in found)


# -- items --


def test_the_lines_of_each_item_are_those_that_name_it(checkout: Path) -> None:
    found = items_of(checkout, "hotdash")
    assert found["000-01"] == (13, 88)
    assert found["000-08"] == ("engine",)
    lines = text("hotdash").splitlines()
    for number, places in found.items():
        for place in places:
            assert isinstance(place, str) or number in lines[place - 1] or "items" in "\n".join(lines)


def test_a_runbook_without_items_has_none(checkout: Path) -> None:
    assert items_of(checkout, "shop") == {}


def test_a_mistake_reads_as_a_line() -> None:
    assert str(WrittenMistake("a.yml", 3, "no.")) == "`a.yml` line 3: no."
