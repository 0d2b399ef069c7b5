"""`/escalate`: who is called, and what is said when it is not clear."""

from __future__ import annotations

import pytest

from allclear.core.policy.settings import Settings
from allclear.core.record.audit import Helped
from allclear.core.record.progress import Escalated
from commands.room import Talk
from core.issue_desk import declared, told
from stories import BOB
from written import runbook, small

CRM = runbook("dirt-free-crm")


def test_alone_it_is_for_the_lowest_level_that_was_not_told() -> None:
    talk = Talk("SEV1", book=CRM)

    said = [talk.says("/escalate").facts for _ in range(4)]
    assert said == [
        (Escalated(to=("System Administrator",), chain="on-call", level=1),),
        (Escalated(to=("Lead Developer",), chain="on-call", level=2),),
        (Escalated(to=("CTO",), chain="on-call", level=3),),
        (Escalated(to=("CTO",), chain="on-call", level=3),),
    ]
    assert "Every level was told before" in talk.says("/escalate").say
    assert "Every level was told before" not in Talk("SEV1", book=CRM).says("/escalate").say


def test_small_words_in_front_of_a_title_name_nobody() -> None:
    talk = Talk("SEV1", book=CRM)

    assert talk.says("/escalate to the CTO now").facts == (
        Escalated(to=("CTO",), chain="on-call", level=3, why="now"),
    )
    assert talk.says("/escalate to the moon").facts[0].why == "to the moon"  # type: ignore[union-attr]  # its fact


@pytest.mark.parametrize(
    ("said", "to", "why"),
    [
        ("Lead Developer, CTO", ("Lead Developer", "CTO"), ""),
        ("Lead Developer and the CTO", ("Lead Developer", "CTO"), ""),
        (
            "CTO & Lead Developer + System Administrator",
            ("CTO", "Lead Developer", "System Administrator"),
            "",
        ),
        ("CTO, Lead Developer: the pool is gone", ("CTO", "Lead Developer"), "the pool is gone"),
        ("CTO, and we need help", ("CTO",), "and we need help"),
        ("CTO and cat", ("CTO",), "and cat"),
        ("CTO Lead Developer is ill", ("CTO",), "Lead Developer is ill"),
        ("CTO, CTO", ("CTO",), ""),
        ("CTO and", ("CTO",), "and"),
    ],
)
def test_everybody_who_is_named_is_told(said: str, to: tuple[str, ...], why: str) -> None:
    (fact,) = Talk("SEV1", book=CRM).says(f"/escalate {said}").facts

    assert isinstance(fact, Escalated)
    assert (fact.to, fact.why) == (to, why)
    assert (fact.chain, fact.level) == (("on-call", 3) if to == ("CTO",) else ("", 0))


def test_so_many_titles_are_enough() -> None:
    said = Talk("SEV1", book=CRM).says(f"/escalate {', '.join(['CTO'] * 30)}")

    assert "**CTO** (level 3 of `on-call`) is told now." in said.say


def test_alone_it_says_where_a_severity_is_raised() -> None:
    assert "`/sev SEV1` says that it is worse than SEV2." in Talk("SEV2", book=CRM).says("/escalate").say
    assert "/sev" not in Talk("SEV2", book=CRM).says("/escalate the pool is gone").say
    assert "/sev" not in Talk("SEV1", book=CRM).says("/escalate").say


@pytest.mark.parametrize("typed", ["SEV1", "to SEV1", "sev 1", "critical", "1", "severity:1"])
def test_a_severity_and_nothing_else_tells_nobody_and_leads_to_sev(typed: str) -> None:
    heard = Talk("SEV2", book=CRM).says(f"/escalate {typed}")

    assert (heard.code, heard.facts) == ("unclear", ())
    assert "`/sev SEV1` sets the severity, and `/escalate` tells the next level." in heard.say


def test_a_severity_with_a_reason_tells_the_next_level_and_says_that_it_is_as_it_was() -> None:
    said = Talk("SEV2", book=CRM).says("/escalate SEV1 it is all down").say

    assert "The severity was not changed: `/sev SEV1` does it. The reason: SEV1 it is all down" in said
    for typed in ("SEV2 all down", "2 hosts are gone", "because SEV1", "CTO SEV1"):
        assert "was not changed" not in Talk("SEV2", book=CRM).says(f"/escalate {typed}").say


def test_whoever_was_told_by_name_counts_as_told() -> None:
    talk = Talk("SEV1", book=CRM)
    talk.says("/escalate system administrator")

    assert talk.says("/escalate").facts == (Escalated(to=("Lead Developer",), chain="on-call", level=2),)


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        (
            "CTO the database is gone",
            Escalated(to=("CTO",), chain="on-call", level=3, why="the database is gone"),
        ),
        ("`Lead Developer`: now", Escalated(to=("Lead Developer",), chain="on-call", level=2, why="now")),
        ("ceo", Escalated(to=("CEO",), chain="operations", level=2)),
        ("operations", Escalated(to=("Operations Manager",), chain="operations", level=1)),
        ("Vercel Support", Escalated(to=("Vercel Support",))),
        ("incident commander", Escalated(to=("Incident Commander",))),
        (
            "the disk is full",
            Escalated(to=("System Administrator",), chain="on-call", level=1, why="the disk is full"),
        ),
        ("\nit is\nbad", Escalated(to=("System Administrator",), chain="on-call", level=1, why="it is\nbad")),
    ],
)
def test_whom_and_why(said: str, fact: Escalated) -> None:
    assert Talk("SEV1", book=CRM).says(f"/escalate {said}").facts == (fact,)


def test_the_answer_repeats_what_was_understood() -> None:
    talk = Talk("SEV1", book=CRM, settings=Settings(people={"CTO": ("mona",)}))

    assert talk.says("/escalate CTO we lose *orders*").say == (
        "**CTO** (level 3 of `on-call`) is told now. The reason: we lose \\*orders\\*"
    )


def test_levels_that_are_told_together_are_called_together() -> None:
    talk = Talk("SEV1", book=small(chains={"on-call": [["Ann", "Bob"], "Cat"]}))

    assert talk.says("/escalate").say == "**Ann** and **Bob** (level 1 of `on-call`) are told now."
    talk.says("/escalate Cat")
    assert talk.says("/escalate Ann").facts == (Escalated(to=("Ann",), chain="on-call", level=1),)


def test_who_has_no_login_is_shown_with_how_to_reach_them() -> None:
    said = Talk("SEV1", book=CRM).says("/escalate Twilio Support").say

    assert "GitHub cannot notify Twilio Support. Please do it yourself: phone 1-888-TWILIO-1, mail " in said
    settings = Settings(people={"Twilio Support": ("tom",)})
    assert "cannot" not in Talk("SEV1", book=CRM, settings=settings).says("/escalate Twilio Support").say


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("@bob please", "Write a title, not a login: `/escalate CTO <why>`."),
        (
            "Leed Developer is needed",
            "is nobody here; did you mean `Lead Developer`? Write `/escalate Lead Developer",
        ),
        ("operatoins", "did you mean `operations`?"),
    ],
)
def test_what_is_not_clear_is_refused_with_an_example_of_this_runbook(said: str, told: str) -> None:
    heard = Talk("SEV1", book=CRM).says(f"/escalate {said}")

    assert heard.facts == ()
    assert told in heard.say


def test_000_05_hotdash_has_a_chain_for_each_severity() -> None:
    talk = Talk("P1")

    assert talk.says("/escalate").facts == (Escalated(to=("DevOps",), chain="devops", level=1),)
    assert talk.says("/escalate").facts == (Escalated(to=("Manager",), chain="devops", level=2),)
    assert Talk("P0").says("/escalate CEO").facts == (Escalated(to=("CEO",), chain="ceo", level=2),)


def test_a_severity_that_is_not_there_any_more_has_the_first_chain() -> None:
    talk = Talk("P9", book=CRM)

    assert talk.says("/escalate").facts == (
        Escalated(to=("System Administrator",), chain="on-call", level=1),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("?", "`/escalate` tells **System Administrator** (level 1 of `on-call`) that they are needed."),
        ("?!", "`/escalate` tells **System Administrator** (level 1 of `on-call`) that they are needed."),
        ("\uff1f", "`/escalate` tells **System Administrator** (level 1 of `on-call`) that they are needed."),
        ("? to the CTO", "`/escalate CTO` tells **CTO** (level 3 of `on-call`) that they are needed."),
        ("? should we", "`/escalate` tells **System Administrator** (level 1 of `on-call`)"),
        ("? Communications Lead", "`/escalate Communications Lead` tells **Communications Lead** that"),
    ],
)
def test_a_question_mark_first_tells_nobody_and_says_whom_it_would_tell(line: str, said: str) -> None:
    heard = Talk("SEV1", book=CRM).says(f"/escalate {line}")

    assert heard.facts == (Helped(),)
    assert heard.say.startswith(f"A question tells nobody. {said}")


@pytest.mark.parametrize("typed", ["/escalate?", "/page?", "/escalate ?", "/escalate? now"])
def test_a_question_mark_right_behind_the_word_pages_nobody(typed: str) -> None:
    issue = declared()
    issue.says(BOB, typed)
    plan = issue.run()
    assert "A question tells nobody." in told(plan)
    assert plan.incident.progress.escalations == ()
