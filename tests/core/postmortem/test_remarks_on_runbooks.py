"""That runbooks were updated is shown by a change that is merged, or somebody says why none is needed."""

from __future__ import annotations

import pytest

from allclear.core.model.report_seen import ChangeState, NamedChange
from allclear.core.postmortem.outline import outline
from allclear.core.postmortem.remarks import Remark
from allclear.core.postmortem.remarks_on_runbooks import MOST_CHANGES, changes_named, on_runbooks
from written import runbook

REPOSITORY = "Acme/Shop"
PULL = NamedChange("pull", "57")
COMMIT = NamedChange("commit", "0a1b2c3d")
FILE = NamedChange("file", "docs/runbooks/pool.md")


def report(line: str) -> str:
    return f"## Post-Incident\n\n- [ ] Runbooks updated\n\n## Follow-up\n\n{line}\n"


def remarks(line: str, states: dict[NamedChange, ChangeState] | None = None) -> list[Remark]:
    return list(on_runbooks(outline(report(line)), runbook("hotdash"), "P1", REPOSITORY, states))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("- Runbooks: #57, and again #57.", (PULL,)),
        ("Runbook: see acme/shop#57", (PULL,)),
        ("Runbook: [done](https://github.com/acme/shop/pull/57/files#diff-1).", (PULL,)),
        ("Runbook: https://ghe.acme.example/ACME/shop/commit/0a1b2c3d", (COMMIT,)),
        ("Runbook: 0a1b2c3d (not 1234567, nor defaced)", (COMMIT,)),
        ("Runbook: [pool](../../docs/runbooks/pool.md#way-back)", (FILE,)),
        ("Runbook: `docs/runbooks/pool.md`, ./docs/pool.md", (FILE,)),
        ("Runbook: https://github.com/acme/shop/blob/main/docs/runbooks/pool.md?plain=1#L3", (FILE,)),
        ("Runbook: https://github.com/acme/docs/pull/57, acme/docs#57, https://wiki.acme.example/a", ()),
        ("Nothing about it, but #57.", ()),
        ("### Runbooks\n\n#57\n\n### Others\n\n#58", (PULL,)),
        ("- Runbook:\n  - #57\n- #58\n```\nrunbook #59\n```", (PULL,)),
        (f"Runbook: {'a' * 600}/#57", ()),
    ],
)
def test_the_changes_of_this_repository_that_a_report_names(
    line: str, named: tuple[NamedChange, ...]
) -> None:
    assert changes_named(outline(report(line)), REPOSITORY) == named


def test_a_report_that_names_many_changes_has_few_of_them_looked_up() -> None:
    named = changes_named(outline(report(f"Runbooks: {' '.join(f'#{n}' for n in range(1, 99))}")), REPOSITORY)
    assert [one.name for one in named] == [str(n) for n in range(1, MOST_CHANGES + 1)]


@pytest.mark.parametrize("change", [PULL, COMMIT, FILE])
def test_a_change_that_is_merged_shows_it(change: NamedChange) -> None:
    assert (
        remarks(f"- Runbooks: {change}, after #4", {change: "merged", NamedChange("pull", "4"): "none"}) == []
    )


@pytest.mark.parametrize(
    ("change", "state", "told"),
    [
        (PULL, "not merged", "#57 is not merged into the default branch."),
        (PULL, "none", "#57 is no pull request of this repository."),
        (COMMIT, "not merged", "0a1b2c3d is not on the default branch."),
        (COMMIT, "none", "0a1b2c3d is no commit of this repository."),
        (
            FILE,
            "not merged",
            "docs/runbooks/pool.md was not changed on the default branch since the incident",
        ),
        (FILE, "none", "docs/runbooks/pool.md is no file of this repository."),
    ],
)
def test_a_change_that_is_not_merged_is_named_with_what_to_do(
    change: NamedChange, state: ChangeState, told: str
) -> None:
    (found,) = remarks(f"- Runbooks: {change}", {change: state})
    assert (found.line, found.rule, found.holds) == (3, "runbooks", True)
    assert found.text.startswith(told)
    assert "Link the change once it is merged" in found.text


def test_what_was_changed_elsewhere_is_for_people_to_look_at() -> None:
    (found,) = remarks(
        "- Runbooks: https://wiki.acme.example/pool, seen in #4", {NamedChange("pull", "4"): "none"}
    )
    assert (found.rule, found.holds) == ("runbooks-elsewhere", False)
    assert "https://wiki.acme.example/pool" in found.text


def test_what_nobody_looked_up_is_a_hint_as_well() -> None:
    assert [one.holds for one in remarks("- Runbooks: #57", {})] == [False]
    assert remarks("- Runbooks: #57", None) == []
    assert remarks("- Runbooks: https://wiki.acme.example/pool", None) == []


def test_one_that_is_not_merged_holds_although_others_could_not_be_seen() -> None:
    (found,) = remarks("- Runbooks: #57, acme/docs#4", {PULL: "not merged"})
    assert found.holds


@pytest.mark.parametrize(
    ("line", "waived"),
    [
        ("- Runbooks: no change, because none is about the pool.", True),
        ("- [ ] Runbooks updated (won't do: the service goes in May)", True),
        ("Runbooks: not affected; nobody had to follow one.", True),
        ("Runbooks: unchanged.", False),
        ("Runbooks: no change needed", False),
        ("The runbook was not followed because nobody found it.", False),
        ("No change, because none is about the pool.", False),
    ],
)
def test_words_on_why_nothing_changes_waive_it(line: str, waived: bool) -> None:
    assert (remarks(line, {}) == []) is waived


def test_a_runbook_that_somebody_was_given_is_an_action_item() -> None:
    text = "## Prevention\n\n- [ ] Update the runbook (owner: ada, due: 2025-12-01)\n"
    assert list(on_runbooks(outline(text), runbook("hotdash"), "P3", REPOSITORY, {})) == []


def test_the_step_of_the_runbook_asks_for_it_where_the_report_is_silent() -> None:
    (found,) = on_runbooks(outline("# A"), runbook("hotdash"), "P1", REPOSITORY, {})
    assert (found.line, found.rule) == (1, "runbooks")
    (found,) = on_runbooks(outline("# A\n\nThe runbook is fine."), runbook("hotdash"), "P1", REPOSITORY, {})
    assert (found.line, found.rule) == (3, "runbooks")
    assert list(on_runbooks(outline("# A"), runbook("hotdash"), "P3", REPOSITORY, {})) == []
