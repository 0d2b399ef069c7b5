"""Hints about wording: what blames a person, what may be a secret or belong to a customer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from allclear.core.model.scrub import Scrubber
from allclear.core.postmortem.outline import outline
from allclear.core.postmortem.remarks import Remark

_BLAME = re.compile(
    r"\b(?:careless(?:ly|ness)?|negligen(?:t|ce|tly)|incompeten(?:t|ce)|stupid(?:ly|ity)?|sloppy|lazy|reckless(?:ly)?|"
    r"human error|operator error|user error|should have known(?: better)?|(?:is|was|were) to blame|"
    r"at fault|(?:his|her|their) (?:own )?(?:fault|mistake))\b",
    re.IGNORECASE,
)
_SLIP = r"(?:forgot|failed|neglected|did not bother|didn't bother|should have|could have|messed up|broke)\b"
_MAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?P<host>[A-Za-z0-9][A-Za-z0-9.-]{1,80}\.[A-Za-z]{2,20})\b"
)
_OURS = ("example.com", "example.org", "example.net", "noreply.github.com", ".invalid", ".test", ".example")
_PHONE = re.compile(r"(?<![\w+])\+\d{1,3}[ .(/-]{0,2}\d(?:[ .()/-]{0,2}\d){6,12}(?![\w])")
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")


def worded(text: str, people: Collection[str]) -> list[Remark]:
    """Hints on the words of a report. ``people`` are the logins in its record."""
    named = "|".join(re.escape(one) for one in sorted(people, key=lambda one: -len(one)) if len(one) > 1)
    slip = (
        re.compile(rf"(?<![\w@/-])@?(?:{named})\b[^.!?]{{0,40}}?\b{_SLIP}", re.IGNORECASE) if named else None
    )
    scrubber = Scrubber()
    found = []
    for chapter in outline(text).chapters:
        for line in chapter.lines:
            found += list(_line(line.number, line.text, slip, scrubber))
    return found


def _line(number: int, text: str, slip: re.Pattern[str] | None, scrubber: Scrubber) -> Iterator[Remark]:
    blame = _BLAME.search(text) or (slip.search(text) if slip else None)
    if blame is not None:
        yield Remark(
            number,
            "blame",
            f'"{blame[0]}" is about a person. What made the mistake possible, and likely?',
            holds=False,
        )
    scrubbed = scrubber.scrub(text)
    if scrubbed.count:
        yield Remark(
            number,
            "secret",
            "This may be a secret. Take it out, and replace the secret: what was pushed stays readable.",
            holds=False,
        )
    whose = _customer(scrubbed.text)
    if whose:
        yield Remark(
            number,
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
