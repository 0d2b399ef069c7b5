"""What a script expects after a step, and what was seen instead."""

from __future__ import annotations

from collections.abc import Sequence

from allclear.core.model.neutral import JOINER, cut
from allclear.core.record.audit import Refused
from allclear.core.record.entry import Entry, decode
from allclear_lab.drill.moments import Moment, SeenComment, SeenIssue, visible
from allclear_lab.drill.script import TimedScript, TimedStep


def after_step(
    play: TimedScript, timed: TimedStep, moment: Moment, issue: SeenIssue | None, check: str
) -> tuple[str, ...]:
    """One line for each expectation of the step that does not hold: step, line, what was seen. ``check`` is
    the state of the post-mortem's check, empty where there is none.
    """
    expect = timed.step.expect
    labels = set(issue.labels) if issue else set()
    said = "\n".join(visible(reply.body) for reply in moment.replies)
    seen = f"the bot said {_brief(said)}" if said else "the bot said nothing"
    missed: list[tuple[str, str]] = [
        ("says", f"expected a reply with {text!r}; {seen}") for text in expect.says if not _holds(said, text)
    ]
    if expect.refused is not None and expect.refused != was_refused(moment):
        missed.append(("refused", f"expected it to be {'refused' if expect.refused else 'accepted'}; {seen}"))
    if expect.quiet is not None and expect.quiet == bool(moment.replies):
        missed.append(("quiet", f"expected {'no reply' if expect.quiet else 'a reply'}; {seen}"))
    shown = ", ".join(sorted(labels)) or "none"
    missed += [
        ("labels", f"expected the label {name!r}; the labels are {shown}")
        for name in expect.labels
        if name not in labels
    ]
    missed += [
        ("lacks", f"expected no label {name!r}; the labels are {shown}")
        for name in expect.lacks
        if name in labels
    ]
    if expect.check not in (None, check):
        missed.append(("check", f"expected the check to be {expect.check}; it is {check or 'not there'}"))
    other = "\n".join(change.text for change in moment.answer)
    missed += [
        ("elsewhere", f"expected {text!r} in another issue; {_brief(other) if other else 'nothing came'}")
        for text in expect.elsewhere
        if not _holds(other, text)
    ]
    place = ("steps", timed.number - 1, "expect")
    return tuple(
        f"step {timed.number} ({play.path}, line {play.outline.line(*place, key)}): {words}"
        for key, words in missed
    )


def was_refused(moment: Moment) -> bool:
    """Whether the bot said no: in the record, or to a stranger with a thumbs-down."""
    facts = [fact for entry in entries_of(moment.replies) for fact in entry.facts]
    thumbs = any(change.what == "reacted" and change.text == "-1" for change in moment.answer)
    return thumbs or any(isinstance(fact, Refused) for fact in facts)


def entries_of(comments: Sequence[SeenComment]) -> tuple[Entry, ...]:
    """The entries in the bot's comments, in their order. Unreadable ones are left out."""
    found: list[Entry] = []
    for comment in comments:
        if not comment.bot:
            continue
        try:
            block = decode(comment.body)
        except ValueError:
            continue
        found += block.entries if block else ()
    return tuple(found)


def _holds(said: str, text: str) -> bool:
    return _plain(text) in _plain(said)


def _plain(text: str) -> str:
    return " ".join(text.replace(JOINER, "").split()).casefold()


def _brief(text: str) -> str:
    return repr(cut(" ".join(text.replace(JOINER, "").split()), 240))
