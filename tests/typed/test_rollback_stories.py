"""No spelling of a dry run ever becomes an operation that is not dry, whatever stands around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from typed.test_typed import typed

WORDS = (
    *(
        "dry-run",
        "dry run",
        "dryrun",
        "dry_run",
        "DRY-RUN",
        "noop",
        "no-op",
        "simulate",
        "simulation",
        "preview",
    ),
    *("test only", "what-if", "Trockenlauf", "à blanc"),
)
DASHES = [
    "",
    "-",
    "--",
    "-- ",
    "\u2013",
    "\u2014",
    "\u2212\u2212",
    "\ufe63\ufe63",
    "\uff0d\uff0d",
    "\u2011\u2011",
]
AROUND = ["{}", "({})", "[{}]", "`{}`", "**{}**", "<{}>", "{}!", "{}, please", "only {}", "{}=true"]
COMMANDS = [
    "/rollback {said} web",
    "/rollback web {said}",
    "/rollback web {said} {why}",
    "/rollback web {why} {said}",
    "/rollback web because {why} {said}",
    "/rollback web to v41 {said}",
    "/rollback web\n{said}",
    "/rollback web {why}\n\n{said}",
    "/run {said} restart",
    "/run restart {said} {why}",
    "/run restart {why} {said}",
    "/run scale {said} count=4",
    "/run scale count=4 {why}\n{said}",
    "/smoke web {said}",
    "/smoke web {why} {said}",
    "- /rollback web {said}",
    "**/rollback web {said}**",
]
WHY = ["checkout is down", "it is slow, since noon.", "500 errors a second", "the deploy at 14:05 broke it"]


@given(
    command=st.sampled_from(COMMANDS),
    word=st.sampled_from(WORDS),
    dashes=st.sampled_from(DASHES),
    around=st.sampled_from(AROUND),
    why=st.sampled_from(WHY),
)
def test_no_spelling_of_a_dry_run_ever_becomes_a_real_operation(
    command: str, word: str, dashes: str, around: str, why: str
) -> None:
    came = typed(command.format(said=around.format(f"{dashes}{word}"), why=why), "production")
    assert [one.id for one in came.incident.production.operations.values() if not one.dry_run] == []
    assert came.answer


def test_without_a_word_for_a_dry_run_the_same_commands_are_real() -> None:
    for command in ("/rollback web {why}", "/run restart {why}", "/run scale count=4 {why}"):
        for why in WHY:
            came = typed(command.format(why=why), "production")
            assert len(came.incident.production.operations) == 1
