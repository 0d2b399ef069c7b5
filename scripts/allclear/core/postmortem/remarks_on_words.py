"""Hints about wording: what blames a person, what may be a secret or belong to a customer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from allclear.core.model.patterns import lazy_regex
from allclear.core.model.scrub import Scrubber
from allclear.core.model.structs import replace
from allclear.core.postmortem.outline import Line, ReportOutline
from allclear.core.postmortem.remarks import Remark

_BLAME = lazy_regex(
    r"\b(?:careless(?:ly|ness)?|negligen(?:t|ce|tly)|incompeten(?:t|ce)|stupid(?:ly|ity)?|sloppy|lazy|reckless(?:ly)?|"
    r"human error|operator error|user error|should have known(?: better)?|(?:is|was|were) to blame|"
    r"should have been more careful|"
    r"at fault|(?:his|her|their) (?:own )?(?:fault|mistake))\b",
    re.IGNORECASE,
)
_ONLY_PEOPLE = lazy_regex(
    r"\b(?P<who>\w{2,40})(?: (?:had|has|have|simply|just|also|then|again|\w{1,20}ly)){0,2} "
    r"(?:forgot(?:ten)?|neglected|did not bother|didn't bother|messed up|screwed up)\b",
    re.IGNORECASE,
)
"""What nobody but a person does."""
_NO_PERSON = frozenset(
    {
        "we",
        "nobody",
        "it",
        "that",
        "which",
        "have",
        "has",
        "had",
        "not",
        "never",
        "and",
        "be",
        "been",
        "was",
        "is",
    }
)
_SLIP = (
    r"(?:forgot|neglected|ignored|did not bother|didn't bother|messed up|"
    r"broke(?! (?:\w{1,20} ){0,3}(?:down|up|out|into)\b)|failed(?! (?:over|back|forward))|"
    r"(?:should|could) have(?! been (?!more )))\b"
)
_WITH = (
    r"(?:, [^,.!?]{1,40},)?(?: (?:had|has|have|was|then|also|just|simply|again|still|who|\w{1,20}ly)){0,3}"
)
_FAULT = r"(?:fault|mistake|error|carelessness|negligence|oversight)"
_MAIL = lazy_regex(
    r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?P<host>[A-Za-z0-9][A-Za-z0-9.-]{1,80}\.[A-Za-z]{2,20})\b"
)
_OURS = ("example.com", "example.org", "example.net", "noreply.github.com", ".invalid", ".test", ".example")
_PHONE = lazy_regex(r"(?<![\w+])\+\d{1,3}[ .(/-]{0,2}\d(?:[ .()/-]{0,2}\d){6,12}(?![\w])")
_CARD = lazy_regex(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = lazy_regex(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")


def worded(report: ReportOutline, people: Collection[str]) -> list[Remark]:
    """Hints on the words of a report. ``people`` are the logins in its record."""
    lines = [
        line
        for chapter in report.chapters
        for line in (Line(chapter.number, chapter.heading), *chapter.lines)
        if line.text.strip()
    ]
    slips, scrubber = _slips(people), Scrubber()
    # A report without any secret, as most are, is looked through once and not line by line.
    clean = not scrubber.scrub("\n".join(line.text for line in lines)).count
    seen = dict[str, tuple[Remark, ...]]()
    found = list[Remark]()
    for line in lines:
        if line.text not in seen:
            seen[line.text] = tuple(_line(line, slips, None if clean else scrubber))
        found += [replace(one, line=line.number) for one in seen[line.text]]
    return found


def _slips(people: Collection[str]) -> re.Pattern[str] | None:
    """What says of one of these logins that they did wrong. What somebody did, with its time, says it not."""
    named = "|".join(re.escape(one) for one in sorted(people, key=lambda one: -len(one)) if len(one) > 1)
    if not named:
        return None
    return re.compile(
        rf"(?<![\w@/-])@?(?:{named})\b{_WITH} {_SLIP}"
        rf"|(?<![\w@/-])@?(?:{named})['\u2019]s (?:own )?{_FAULT}\b"
        rf"|\b(?:because of|due to|fault of|mistake of|blamed|blamed on|blames) @?(?:{named})\b(?!['\u2019])",
        re.IGNORECASE,
    )


def _blame(text: str, slips: re.Pattern[str] | None) -> str:
    """What blames a person in the line; empty when nothing does."""
    said = _BLAME.search(text) or (slips.search(text) if slips else None)
    if said is not None:
        return said[0]
    told = (one for one in _ONLY_PEOPLE.finditer(text) if one["who"].lower() not in _NO_PERSON)
    return next((one[0] for one in told), "")


def _line(line: Line, slips: re.Pattern[str] | None, scrubber: Scrubber | None) -> Iterator[Remark]:
    blame = "" if line.code else _blame(line.text, slips)
    if blame:
        yield Remark(
            line.number,
            "blame",
            f'"{blame}" is about a person. What made the mistake possible, and likely?',
            holds=False,
        )
    text = line.text
    if scrubber is not None:
        scrubbed = scrubber.scrub(text)
        text = scrubbed.text
        if scrubbed.count:
            yield Remark(
                line.number,
                "secret",
                "This may be a secret. Take it out, and replace the secret: what was pushed stays readable.",
                holds=False,
            )
    whose = _customer(text)
    if whose:
        yield Remark(
            line.number,
            "customer-data",
            f"This looks like {whose} of somebody. Take it out, or write whom it stands for: `customer A`.",
            holds=False,
        )


def _customer(text: str) -> str:
    if any(not one["host"].lower().endswith(_OURS) for one in _MAIL.finditer(text)):
        return "the mail address"
    if any(_is_card(one[0]) for one in _CARD.finditer(text)):
        return "the card number"
    if any(_is_iban(one[0]) for one in _IBAN.finditer(text)):
        return "the bank account"
    return "the telephone number" if _PHONE.search(text) else ""


def _is_card(text: str) -> bool:
    """The Luhn check of payment cards (ISO/IEC 7812-1), so that an id or a stamp is none."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) if n % 2 else digit for n, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    """The check digits of ISO 13616."""
    bare = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1
