"""The runbook's own forms, filled in without a slash: findings, updates, closing comments.

They come from what the runbook's voices say: of ``Progress: {{ text }}`` people fill in the line that begins
with ``Progress:``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from allclear.core.conversation.fields import (
    CLOSING,
    FINDING,
    Labels,
    field_in,
    fix_in,
    label_of,
    labelled,
    without_tables,
)
from allclear.core.conversation.mail import own
from allclear.core.conversation.parse import LONGEST_BODY, Typed
from allclear.core.language.wording import WordingError, named
from allclear.core.model.fences import outside_fences
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.voices import UPDATE

UPDATING: Labels = {"next": ("next", "next steps", "next step"), "eta": ("eta",), "text": ("progress",)}
"""What people may call the parts of an update under any runbook."""

FEWEST = 2
"""Fields that make a comment a form."""

CLOSINGS = ("resolve", "all-clear")
"""Commands that a form which closes the incident may be."""

_COMMANDS: Mapping[str, str] = {UPDATE: "update", "resolved": "resolve", "all-clear": "all-clear"}
"""What the texts of these moments are, filled in by a person."""

_NEEDS: Mapping[str, frozenset[str]] = {
    "finding": frozenset(FINDING),
    "update": frozenset({"text"}),
    "resolve": frozenset({"fix", "resolved_at"}),
    "all-clear": frozenset({"fix", "resolved_at"}),
}
"""Of these fields a form has one: without it, it says nothing that the command takes."""

_HINTS: Mapping[str, frozenset[str]] = {
    "finding": frozenset({"root_cause", "evidence", "proposed_fix"}),
    "update": frozenset({"text"}),
    "resolve": frozenset(),
    "all-clear": frozenset(),
}
"""Fields that hint at the command although they stand alone."""

_WORDS = lazy_regex(r"\w{1,60}")
_BRACKETS = lazy_regex(r"\[[^\[\]]{1,200}\]")
_STOPS = lazy_regex(r" {0,3}<[!/a-zA-Z]")
MOST_ODD = 4
"""Words in front of a heading that mangled emoji make."""


class Form(Struct, frozen=True):
    """What people fill in. ``head``: the words that its first line begins with; ``labels``: of each value;
    ``shown``: the labels as the runbook has them.
    """

    command: str
    labels: Labels
    shown: tuple[str, ...] = ()
    head: tuple[str, ...] = ()


class Filled(Struct, frozen=True):
    """A form that somebody filled in, or part of one: ``hint``. ``text``: its lines."""

    form: Form
    text: str
    hint: bool = False

    @property
    def first(self) -> str:
        """The first line, for quoting it back."""
        return next(line.strip() for line in self.text.split("\n") if line.strip())


def forms_of(runbook: Runbook) -> tuple[Form, ...]:
    """The forms that people may fill in under this runbook; of forms that fit alike the first counts."""
    found = [
        _form_of(_COMMANDS.get(moment, ""), spoken.text)
        for voice in runbook.voices
        if not voice.public
        for moment, spoken in voice.at.items()
    ]
    shown = ("Resolved", "Duration", "Fix", "Verified")
    finding = Form("finding", FINDING, ("Root cause", "Evidence", "Impact", "Proposed fix"))
    own_updates = Form("update", UPDATING, ("Progress", "Next", "ETA"))
    order = ("finding", "update", "all-clear", "resolve", "")
    every = [finding, *found, own_updates, Form("all-clear", CLOSING, shown)]
    return tuple(sorted(every, key=lambda form: order.index(form.command)))


def _form_of(command: str, text: str) -> Form:
    lines = [line for line in text.split("\n") if line.strip()]
    labels: dict[str, tuple[str, ...]] = {}
    shown: list[str] = []
    head: tuple[str, ...] = ()
    for n, line in enumerate(lines):
        field = field_in(line)
        values = _values(field[1]) if field is not None else ()
        if n == 0 and (not values or values[0] == "brief"):
            head = tuple(_words(line.partition("{{")[0]))
        elif field is not None and values and field[0] and "{" not in field[0]:
            labels[values[0]] = (*labels.get(values[0], ()), field[0])
            shown.append(line.partition(":")[0].strip(" *_"))
    if command == "update":
        labels = _joined(labels, UPDATING)
    return Form(command, labels, tuple(shown), head)


def _values(text: str) -> tuple[str, ...]:
    try:
        return named(text)
    except WordingError:  # A line of the runbook that was checked as a part of its whole text.
        return ()


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORDS.findall(text[:200])]


def _is_head(line: str, form: Form) -> bool:
    """Whether the line is the form's first, whatever became of its emoji."""
    words = _words(line)
    for skipped in range(MOST_ODD + 1 if form.head else 0):
        if tuple(words[skipped : skipped + len(form.head)]) == form.head:
            return True
        if words[skipped : skipped + 1] and words[skipped].isascii():
            return False
    return False


def without_head(text: str, forms: Iterable[Form]) -> str:
    """The text without the form's first line."""
    first, _, rest = text.lstrip("\n").partition("\n")
    return rest if any(_is_head(first, form) for form in forms) else text


def labels_of(forms: Iterable[Form]) -> dict[str, tuple[str, ...]]:
    """The labels that these forms have, by the value."""
    return _joined(*(form.labels for form in forms))


def _joined(*every: Labels) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for labels in every:
        for name, known in labels.items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *known)))
    return found


def closing_fix(text: str, runbook: Runbook) -> str:
    """The fix in what somebody closes an incident with: the text, or the fix of the form in it."""
    forms = [form for form in forms_of(runbook) if form.command in CLOSINGS]
    labels, own_text = labels_of(forms), without_head(text, forms)
    found, beside = labelled(own_text, labels)
    if "fix" in found:
        return fix_in(own_text, labels)
    return beside if len(found) >= FEWEST else text


def filled_in(body: str, typed: Sequence[Typed], forms: Sequence[Form]) -> Filled | None:
    """The form that a comment begins with, or the part of one; None where there is none. ``typed``: the
    commands of the comment, which end it.
    """
    text = "\n".join(_own(body, typed)).strip("\n")
    if not text.strip():
        return None
    found = [(form, _filled(text, form)) for form in forms]
    begun = [(form, values) for form, values in found if _begins(_first(text, form), form)]
    best = max(begun, key=lambda one: len(one[1]), default=None)
    if best is not None and len(best[1]) >= FEWEST and _NEEDS.get(best[0].command, frozenset()) & best[1]:
        return Filled(best[0], text)
    most = max((len(values) for form, values in found if form.command), default=0)
    if best is not None and not best[0].command and len(best[1]) >= max(FEWEST, most):
        return None  # What the engine says by itself.
    for form, values in found:
        if form.command and _hinted(_first(text, form), form, values):
            return Filled(form, text, hint=True)
    return None


def _hinted(first: str, form: Form, values: frozenset[str]) -> bool:
    """Whether a part of a form is enough to say how the whole is written: a field that nobody writes for
    another reason, its heading with a field, two fields.
    """
    field = field_in(first)
    needed = bool(_NEEDS[form.command] & values)
    hints = _HINTS[form.command] & values
    alone = field is not None and any(field[0] in form.labels[name] for name in hints)
    if len(values) >= FEWEST:
        return needed or alone or _begins(first, form)
    return alone or (needed and _is_head(first, form))


def _own(body: str, typed: Sequence[Typed]) -> Iterator[str]:
    """The lines of a comment that may be a form: up to the first command or HTML, without quotations."""
    lines = own(body[:LONGEST_BODY].replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    command = f"/{typed[0].word}" if typed else "\n"
    for line, plain in outside_fences(lines):
        if plain and (command in line or _STOPS.match(line)):
            return
        if not (plain and line.lstrip().startswith(">")):
            yield line


def _first(text: str, form: Form) -> str:
    """The first line, or the first field of a table of the form: a table ends no incident."""
    lines = (text if form.command in CLOSINGS else without_tables(text, form.labels)).split("\n")
    return next((line for line in lines if line.strip()), "")


def _begins(first: str, form: Form) -> bool:
    field = field_in(first)
    known = (label for labels in form.labels.values() for label in labels)
    return _is_head(first, form) or (field is not None and field[0] in known)


def _filled(text: str, form: Form) -> frozenset[str]:
    """The values of the form that are filled in."""
    values, _ = labelled(text, form.labels)
    return frozenset(name for name, value in values.items() if not _BRACKETS.fullmatch(value))


def told_of(form: Form) -> str:
    """The labels of a form, for people, and those of which it has to have one."""
    needed = {label for name in _NEEDS[form.command] for label in form.labels.get(name, ())}
    every = [f"`{label}:`" for label in form.shown]
    wanted = [f"`{label}:`" for label in form.shown if label_of(label) in needed]
    among = f", among them {' or '.join(wanted)}" if 0 < len(wanted) < len(every) else ""
    return f"{', '.join(every)}{among}"
