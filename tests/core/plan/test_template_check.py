"""The templates of a repository, looked at before there is an incident."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from allclear.adapters.files.templates import Templates
from allclear.commands import COMMANDS
from allclear.core.clock.deadlines import due
from allclear.core.conversation.command import Policy
from allclear.core.conversation.notices import notice
from allclear.core.model.asking import Knowledge
from allclear.core.model.neutral import Renderer
from allclear.core.model.structs import replace
from allclear.core.plan.shipped_templates import SHIPPED, shipped
from allclear.core.plan.template_check import BrokenTemplate, broken_templates
from allclear.core.policy.runbook import Runbook
from allclear.core.production.hotfix import body
from allclear.core.record.entry import Entry
from allclear.core.record.production import HotfixAsked
from allclear.core.view.reply import Part, compose, engine_part
from core.issue_desk import IssueDesk
from core.postmortem.test_document import full, written
from planning import driven
from sampling import Proof
from stories import ADA, HOTDASH, ISSUE_URL, NOON, RENDERER, ROOT, SETTINGS, UTC_ZONE, Story

NAMES = sorted(path.name for path in (ROOT / "templates").glob("*.md.j2"))
SEEN = IssueDesk().snapshot


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "templates", tmp_path / "templates"))


def policy(renderer: Renderer = RENDERER, runbook: Runbook = HOTDASH) -> Policy:
    return Policy(SETTINGS, runbook, COMMANDS, renderer)


def found(folder: Path, text: str, name: str, looked_at: tuple[str, ...] = ()) -> BrokenTemplate:
    """What is said of the only broken template, which reads so; of those ``looked_at``, else of all."""
    (folder / name).write_text(text, encoding="utf-8")
    (one,) = broken_templates(policy(Templates(folder)), looked_at)
    assert one.name == name
    return one


def misspelt(text: str) -> Iterator[tuple[int, str]]:
    """The text with one name misspelt, every name and attribute once, and the line where that is."""
    lines = text.splitlines()
    tree = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).parse(text)
    places = {(one.lineno, one.name) for one in tree.find_all(nodes.Name) if one.ctx == "load"}
    places |= {(one.lineno, f".{one.attr}") for one in tree.find_all(nodes.Getattr)}
    for line, name in sorted(places - {(line, "loop") for line in range(len(lines) + 1)}):
        word = re.compile(rf"(?<![\w']){re.escape(name)}(?!\w)(?=[^{{}}]*}})")
        for at in (line - 1, line):  # jinja counts some from the line before
            # The last one in its line: the first may be what a loop calls it.
            if at < len(lines) and (there := list(word.finditer(lines[at]))):
                wrong = f"{lines[at][: there[-1].end()]}x{lines[at][there[-1].end() :]}"
                yield at + 1, "\n".join([*lines[:at], wrong, *lines[at + 1 :]])
                break


def test_the_shipped_templates_can_be_rendered() -> None:
    assert list(broken_templates(policy())) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_misspelt_name_is_found_in_its_line(templates: Path, name: str, proof: Proof) -> None:
    cases = list(misspelt((templates / name).read_text(encoding="utf-8")))
    assert len(cases) > 7
    for line, wrong in proof(cases, 8):
        one = found(templates, wrong, name, (name,))
        assert one.line == line, one.why


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a\n{{ serverity }}", 2, "`serverity` is not a value of this template; did you mean `severity`?"),
        (
            "{% if 0 %}{{ xyzzy }}{% endif %}",
            1,
            "`xyzzy` is not a value of this template; there are actions,",
        ),
        ("a\n\n{% if title %}", 3, "this template cannot be rendered: Unexpected end of template."),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", 1, "maximum recursion depth exceeded"),
        ("{{ title + 1 }}", 1, "Mend what stands between its braces."),
    ],
)
def test_it_says_what_to_do(templates: Path, text: str, line: int, why: str) -> None:
    one = found(templates, text, "postmortem.md.j2")
    assert (one.line, one.document) == (line, True)
    assert why in one.why


def test_a_mistake_that_only_one_severity_comes_to_is_found_where_all_are_filled_in(templates: Path) -> None:
    text = "{% if severity == 'P3' %}{{ title + 1 }}{% endif %}"
    assert found(templates, text, "pull_request.md.j2").line == 1
    assert list(broken_templates(policy(Templates(templates)), severities=1)) == []


def test_a_template_that_is_not_there_is_written_again_by_init(templates: Path) -> None:
    (templates / "hotfix.md.j2").unlink()
    (one,) = broken_templates(policy(Templates(templates)))
    assert (one.name, one.missing) == ("hotfix.md.j2", True)
    assert one.why == "this template does not exist; `allclear init` writes the usual one."


def test_only_the_templates_that_are_named_are_looked_at(templates: Path) -> None:
    for name in ("postmortem.md.j2", "hotfix.md.j2"):
        (templates / name).write_text("{{ x }}", encoding="utf-8")
    rules = policy(Templates(templates))
    assert [one.name for one in broken_templates(rules)] == ["postmortem.md.j2", "hotfix.md.j2"]
    assert [one.name for one in broken_templates(rules, ("hotfix.md.j2",))] == ["hotfix.md.j2"]


@pytest.mark.parametrize("name", ["answer.md.j2", "notice.md.j2"])
def test_the_words_of_a_broken_template_go_out_without_it(templates: Path, name: str) -> None:
    (templates / name).write_text("{{ nothing_of_ours }}", encoding="utf-8")
    rules = policy(Templates(templates))
    story = Story().declare()
    timer = due(story.incident, HOTDASH, NOON)[0]
    entry, spoken = driven(notice(timer, story.incident, rules, Knowledge(SEEN)), SEEN)
    said = engine_part(Entry(key="a", what="b", at=NOON, facts=()), "Something was said.")
    parts = [said, Part(entry, notice=replace(spoken, mentions=("dave",)))]
    (one,) = compose(1, 2, parts, renderer=rules.renderer, zone=UTC_ZONE, now=NOON)
    assert "Something was said." in one.body
    assert "@dave" in one.body
    assert spoken.title in one.body


def test_a_broken_panel_still_says_which_incident_it_is_and_what_is_wrong(templates: Path) -> None:
    (templates / "panel.md.j2").write_text("one\n{{ nothing_of_ours }}", encoding="utf-8")
    panel = Story().declare().panel(trouble=("The settings are broken.",), renderer=Templates(templates))
    assert "P0 · Investigating · Production down" in panel
    assert "`templates/panel.md.j2` line 2: this template cannot be rendered" in panel
    assert "> - The settings are broken." in panel


def test_a_broken_document_is_written_plainly_and_whole_again_when_it_is_mended(templates: Path) -> None:
    (templates / "postmortem.md.j2").write_text("{{ nothing_of_ours }}", encoding="utf-8")
    (templates / "pull_request.md.j2").write_text("{{ nothing_of_ours }}", encoding="utf-8")
    plain = written(full(), renderer=Templates(templates))
    assert "# Incident Post-Mortem: Production down" in plain.text
    assert "- 14:05 UTC: Team notified" in plain.text
    assert "Pool exhausted since" in plain.text
    assert "- [ ] Alert on pool size (owner: bob, due: 2025-12-01)" in plain.text
    assert plain.body == "This is the post-mortem of #42, **Production down** (P0)."
    again = written(full(), plain.text)
    fresh = written(full())
    assert again.text.count("## Root Cause") == 1
    for heading in re.findall(r"(?m)^## .*", fresh.text):
        assert heading in again.text
        assert heading in plain.text or heading in ("## Checklists", "## Durations")
    assert "Nothing was recorded" not in plain.text
    assert "_Not recorded._" in written(Story().declare(), renderer=Templates(templates)).text


def test_a_broken_template_of_the_hotfix_says_which_incident_it_is(templates: Path) -> None:
    (templates / "hotfix.md.j2").write_text("{{ nothing_of_ours }}", encoding="utf-8")
    story = Story().declare().tell(3, ADA, HotfixAsked(text="Release the lock"))
    text = body(story.incident, "hotfix/incident-42", "main", ISSUE_URL, Templates(templates))
    assert text == "Refs #42: **Production down** (P0).\n\n> Release the lock"
    bare = Story().declare().incident
    told = body(bare, "hotfix/incident-42", "main", ISSUE_URL, Templates(templates))
    assert told == "Refs #42: **Production down** (P0)."


def test_the_templates_are_those_that_are_known_as_shipped() -> None:
    files = sorted((ROOT / "templates").glob("*.j2"))
    here = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert here == SHIPPED, "a template changed: write these hashes into core/plan/shipped_templates.py"


@pytest.mark.parametrize("change", ["one byte more", "one less", "one more"])
def test_only_all_of_them_to_the_byte_are_as_shipped(change: str) -> None:
    files = {file.name: file.read_bytes() for file in (ROOT / "templates").glob("*.j2")}
    assert shipped(files.items())
    if change == "one byte more":
        files["panel.md.j2"] += b" "
    elif change == "one less":
        del files["panel.md.j2"]
    else:
        files["mine.md.j2"] = b""
    assert shipped(files.items()) is (change == "one more")
