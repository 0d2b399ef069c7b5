"""Numbers of users and amounts of money as people write them: ``~15k``, ``15 000``, ``US$45k/h``.

No library reads them: Babel and price-parser take a locale or drop what they do not know, and here what
cannot be read as a whole is not read at all.
"""

from __future__ import annotations

import re

from msgspec import Struct

from allclear.core.model.counts import About
from allclear.core.model.patterns import lazy_regex

MOST_USERS = 10_000_000_000
LONGEST_AMOUNT = 40
"""Characters of an amount: it stands in one line of the panel."""

_BLANK = "[ \u00a0\u2009\u202f]"
_ABOUT: dict[About, str] = {
    "about": (
        r"~|\u2248|\u223c|about|around|approx(?:imately|\.)?|circa|ca\.|roughly|estimated|est\.|nearly|almost"
    ),
    "at least": r">=|\u2265|at least|min\.",
    "at most": r"<=|\u2264|at most|up to|max\.",
    "more than": r">|more than|over|above",
    "less than": r"<|less than|fewer than|under|below",
}
_QUALIFIER = "|".join(f"(?:{words})" for words in _ABOUT.values())
_QUALIFIED = rf"(?:(?P<about>{_QUALIFIER}){_BLANK}?)?"
_SIZES = {
    **dict.fromkeys(("k", "thousand", "grand", "thsd", "tsd", "\u5343"), 3),
    **dict.fromkeys(("\u4e07", "\u842c"), 4),
    "lakh": 5,
    **dict.fromkeys(("m", "mm", "mn", "mio", "mio.", "mil", "million", "millions"), 6),
    "crore": 7,
    **dict.fromkeys(("\u4ebf", "\u5104"), 8),
    **dict.fromkeys(("b", "bn", "mrd", "mrd.", "billion", "billions"), 9),
}
"""What people write behind a number, and how many zeros it stands for."""
_SCALE = "|".join(sorted(map(re.escape, _SIZES), key=len, reverse=True))
_FLAGS = re.IGNORECASE | re.ASCII
_UNIT = (
    rf"(?P<unit>{_BLANK}(?:affected )?(?:users?|customers?|people|persons?|clients?|visitors?)"
    r"(?: (?:are )?(?:affected|impacted|hit))?(?![\w-]|\s?[=:]))?"
)
_COUNT = lazy_regex(
    rf"{_QUALIFIED}"
    rf"(?:(?P<grouped>[1-9][0-9]{{0,2}}(?P<sep>[,.'\u2019_]|{_BLANK})[0-9]{{3}}(?:(?P=sep)[0-9]{{3}}){{0,2}})(?![0-9])"
    rf"|(?P<whole>[0-9]{{1,10}})(?:[.,](?P<part>[0-9]{{1,3}}))?)"
    rf"(?:{_BLANK}?(?P<size>{_SCALE})(?![a-z0-9]))?(?P<plus>\+)?(?P<more>{_BLANK}or (?:more|so)\b)?"
    rf"{_UNIT}",
    _FLAGS,
)
_OF = lazy_regex(r"\s?(?:/|of|out of)\s?(?:about |the |~)?[0-9][0-9,.'_]{0,12}[kmb]?(?!\w)" + _UNIT, _FLAGS)
_NOT_ONE = lazy_regex(
    r"\s{0,2}(?:%|\u2030|percent|per cent|pct"
    r"|(?:[-\u2010-\u2015\u2212~\u301c\u2026x\u00d7*]|\.{2,3}|to|or)\s{0,2}[~\u2248<>]?[0-9][0-9.,]{0,12}[kmb]?"
    r"(?:\s?%)?)",
    _FLAGS,
)
_FRACTION = lazy_regex(r"[0-9]{1,2}\s?/\s?(?:[2-9]|10)(?![0-9.,]*[0-9kmb])", _FLAGS)
"""``1/3`` is a part of everybody; of people that were counted, ``100/4000`` is a number."""
_NO_NUMBER = lazy_regex(
    r"(?:unknown|unclear|none|nobody|n/?a|tbd|tbc|all|everyone|everybody|most|half|some|many|several"
    r"|(?:a )?few|between \S{1,12} and \S{1,12}|not known|[?-](?=$|[\s.,;]))(?![\w-])",
    _FLAGS,
)
_END = lazy_regex(r"(?=$|[\s)\]]|[,;.!:](?![0-9]))")

# ISO 4217, https://www.iso.org/iso-4217-currency-codes.html: other capitals behind a number are a word.
_ISO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RMB RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
    "THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
_SIGN = "[A-Za-z]{0,3}[$\u00a2-\u00a5\u0e3f\u20a0-\u20c0\uff04\uffe0\uffe1\uffe5\uffe6]"
_NAME = (
    r"(?i:dollars?|euros?|pounds?|yen|yuan|francs?|rupees?|kron(?:or|er|e|a)|kr|z\u0142|bucks|pesos?|reais|real|usd|eur"
    r"|gbp|chf|jpy|inr|cad|aud|sek|nok|dkk|pln|cny|rmb|brl|K\u010d|Ft|Fr)|[\u5186\u5143\uc6d0]"
)
_CURRENCY = rf"(?:{_SIGN}|(?:(?:{'|'.join(_ISO.split())}|{_NAME})(?![^\W\d_])))"
_NUMBER = rf"[0-9](?:[0-9]|[.,'\u2019_][0-9]|{_BLANK}[0-9]{{3}}(?![0-9])){{0,24}}"
_MONEY = (
    rf"(?:(?:{_CURRENCY}|(?i:kr|fr|rs)\.){_BLANK}?)?{_NUMBER}"
    rf"(?:{_BLANK}?(?:(?i:{_SCALE})(?![A-Za-z0-9])|%)|,[-\u2013]{{1,2}})?"
)
_SPAN = r"h|hrs?|hours?|min|minutes?|s|sec|seconds?|d|days?|w|wk|weeks?|mo|months?|y|yr|years?"
_AMOUNT = lazy_regex(
    rf"(?i:{_QUALIFIER})?{_BLANK}?[-+\u2212]?{_MONEY}"
    rf"(?:{_BLANK}?(?:[-\u2010-\u2015\u2212]|to\b|and\b){_BLANK}?{_MONEY})?(?:{_BLANK}?{_CURRENCY})?\+?"
    rf"(?i:{_BLANK}?/{_BLANK}?(?:{_SPAN})(?!\w)|{_BLANK}(?:per|an?|each|every) (?:{_SPAN})(?!\w)"
    r"| (?:hourly|daily|weekly|monthly)\b)?"
    r"(?i: or (?:more|less|so)\b"
    r"| of (?:(?:the|our|daily|hourly|weekly|monthly|yearly|annual|total|usual|normal) ){0,2}"
    r"(?:revenue|sales|orders|turnover|income)\b)?",
)
_NO_AMOUNT = lazy_regex(
    r"(?:unknown|unclear|none|nothing|zero|negligible|n/?a|nil|tbd|tbc|not known|not yet known|no loss"
    r"|[?-](?=$|[\s.,;]))(?![\w-])(?: yet| so far)?",
    _FLAGS,
)
_REVENUE = lazy_regex(
    r"\s?(?:(?:(?:of|in) )?(?:lost |missed )?(?:revenue|sales|turnover)(?: lost| loss| missed)?|lost)"
    r"(?![\w-])",
    _FLAGS,
)
_CURRENT = lazy_regex(_CURRENCY)


class SaidCount(Struct, frozen=True):
    """A number of people at the start of a text, which goes on at ``end``.

    ``about``: how exact it is. ``unit``: it says that it counts people. ``partly``: it is said of how many,
    as in ``100 of 4000``. ``number``: None where it is no number, or more than one, as in ``10-20 %``.
    """

    number: int | None
    about: About
    end: int
    unit: bool = False
    partly: bool = False


def count_at(text: str) -> SaidCount | None:
    """The number of people that ``text`` begins with; None when it cannot be read."""
    quoted = _quoted(text)
    if quoted is not None:
        within, end = quoted
        inner = count_at(within.strip())
        whole = inner is not None and inner.end == len(within.strip())
        return SaidCount(inner.number, inner.about, end, inner.unit) if whole and inner else None
    if no := _NO_NUMBER.match(text) or _FRACTION.match(text):
        return SaidCount(None, "", no.end())
    found = _COUNT.match(text)
    if found is None:
        return None
    if several := _NOT_ONE.match(text, found.end()):
        return SaidCount(None, "", several.end())
    end, number = found.end(), _number(found)
    of = _OF.match(text, end)
    end, unit = (of.end(), of["unit"]) if of else (end, found["unit"])
    if number is None or not _END.match(text, end):
        return None
    return SaidCount(number, _about(found), end, bool(unit), of is not None)


def _number(found: re.Match[str]) -> int | None:
    """What the figures say; None where they could say two things, or too much."""
    size = _SIZES[found["size"].lower()] if found["size"] else 0
    if found["grouped"]:
        # "15.000k" is 15 thousand to some and 15 million to others.
        if size and found["sep"] in ",.":
            return None
        count = int(re.sub(r"[^0-9]", "", found["grouped"])) * 10**size
    else:
        part = found["part"] or ""
        if len(part) > size:
            return None
        count = int(found["whole"] + part.ljust(size, "0"))
    return count if count <= MOST_USERS else None


def _about(found: re.Match[str]) -> About:
    if found["plus"] or (found["more"] or "").endswith("more"):
        return "at least"
    if found["more"]:
        return "about"
    words = found["about"] or ""
    return next((name for name, spelt in _ABOUT.items() if re.fullmatch(spelt, words, _FLAGS)), "")


class SaidAmount(Struct, frozen=True):
    """An amount at the start of a text, which goes on at ``end``: its ``words`` as they were written.

    ``money``: it names a currency.
    """

    words: str
    end: int
    money: bool = False


def amount_at(text: str) -> SaidAmount | None:
    """The amount that ``text`` begins with, or that it is not known; None when it cannot be read."""
    quoted = _quoted(text)
    if quoted is not None:
        within, end = quoted
        inner = amount_at(within.strip())
        whole = inner is not None and inner.end == len(within.strip())
        return SaidAmount(inner.words, end, inner.money) if whole and inner else None
    found = _NO_AMOUNT.match(text) or _AMOUNT.match(text)
    if found is None or not _END.match(text, found.end()) or found.end() > LONGEST_AMOUNT:
        return None
    return SaidAmount(found[0], found.end(), _CURRENT.search(found[0]) is not None)


def revenue_at(text: str, *, beside: bool) -> SaidAmount | None:
    """An amount of money at the start of ``text`` that is revenue by what follows it, or because it stands
    ``beside`` a number of users.
    """
    found = amount_at(text)
    if found is None or not found.money:
        return None
    named = _REVENUE.match(text, found.end)
    end = named.end() if named else found.end
    return SaidAmount(found.words, end, True) if (named or beside) and _END.match(text, end) else None


_QUOTES = {
    **{mark: mark for mark in ("**", "__", "*", "_", "`", '"', "'")},
    "\u201c": "\u201d",
    "\u201e": "\u201c",
    "\u2018": "\u2019",
}
"""Marks and quotes around a value, by what opens them; the longer ones first."""


def _quoted(text: str) -> tuple[str, int] | None:
    """What stands in marks or quotes at the start of ``text``, and where they end."""
    opening = next((one for one in _QUOTES if text.startswith(one)), None)
    if opening is None:
        return None
    close = _QUOTES[opening]
    end = text.find(close, len(opening), LONGEST_AMOUNT + 20)
    return (text[len(opening) : end], end + len(close)) if end > 0 else None
