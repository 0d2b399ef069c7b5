"""Which service is meant: one reading of its name, one guess when nobody names it, one refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from allclear.core.conversation import marks
from allclear.core.conversation.marks import only_signs
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex


def bare(word: str) -> str:
    """A name as people type it, without what they put around it, or an @ in front."""
    return marks.bare(marks.bare(word).strip("@"))


def service_named(word: str, services: Iterable[str]) -> str:
    """The service that ``word`` names in any case, as the settings spell it; empty when none is called so."""
    known = {name.lower(): name for name in services}
    return known.get(word.lower()) or known.get(bare(word).lower(), "")


MOST_WORDS = 200
"""Words of a list of services."""

_REMARK = lazy_regex(r"\([^()]{1,200}\)")
JOINING = frozenset({"and", "und", "et", "y", "plus", "the", "both", "also", "service", "services", "etc"})
"""Words between the names of services."""
_SENTENCE = frozenset(
    (
        *("is", "are", "was", "were", "has", "have", "in", "on", "for", "since", "because"),
        *("only", "not", "but", "with", "from", "to", "by", "when", "if", "it", "down", "slow"),
        *("maybe", "perhaps", "probably", "we", "think", "everyone", "everybody", "nobody"),
        *("all", "every", "everything", "nothing", "none", "users", "customers"),
        *("unknown", "unclear", "tbd", "tbc", "n/a", "any"),
    )
)
"""Words that no service is called by: they tell a sentence from a list of names."""
_LOGIN = lazy_regex(r"@[A-Za-z0-9][\w-]{0,38}(?:/[\w-]{1,100})?", re.ASCII)
_WITHOUT = lazy_regex(r"[-!]\w")
"""A minus in front of a name takes it away."""
_NUMBER = lazy_regex(r"[~<>]?[0-9][0-9.,]{0,15}(?:[kmb]|%)?", re.IGNORECASE)


def remarks(text: str) -> tuple[str, ...]:
    """What stands in brackets behind the names of services."""
    return tuple(_REMARK.findall(text))


_EVERYWHERE = frozenset({"all", "everything", "every", "most", "some", "several", "many", "various", "none"})


def tells(text: str, services: Iterable[str]) -> bool:
    """Whether ``text`` is a sentence, or says how many, and lists no names: ``the web service is slow``."""
    known = tuple(services)
    words = re.split(r"[\s,;]+", _REMARK.sub(" ", text))[:MOST_WORDS]
    others = [word for word in words if not service_named(word, known)]
    if any(word.startswith(("@", "#")) or "://" in word for word in others):
        return True
    return any(_no_name(bare(word)) or bare(word).lower() in _EVERYWHERE for word in others)


def _no_name(name: str) -> bool:
    return (
        bool(_NUMBER.fullmatch(name))
        or name.lower() in _SENTENCE
        or name.endswith("?")
        or name.startswith(("#", "http://", "https://"))
    )


def service_words(text: str, services: Iterable[str]) -> tuple[str, ...]:
    """The names that ``text`` lists: without remarks, and without what divides them. What names a
    service of ``services`` does so in any form.

    Raises UserError for a sentence.
    """
    known = tuple(services)
    found = []
    words = re.split(r"[\s,;]+", _REMARK.sub(" ", text))
    if len(words) > MOST_WORDS:
        raise UserError(f"These are {len(words)} words, and `/affects` takes at most {MOST_WORDS}.")
    for word in words:
        name = bare(word)
        if service_named(word, known):
            found.append(word)
        elif _LOGIN.fullmatch(marks.bare(word)) or "@" in name:
            raise _no_service(marks.bare(word), "a person or a team, and no service", known)
        elif _WITHOUT.match(word):
            raise _no_service(word, "a service taken away, which `/undo` does", known)
        elif _no_name(name) or (word.endswith(":") and word != words[-1]):
            typed = word if word.endswith(":") else name
            raise _no_service(typed, "not the name of a service", known)
        elif name and not only_signs(name) and name.lower() not in JOINING:
            found += in_parts(name, known)
    return tuple(found)


def in_parts(name: str, services: Iterable[str]) -> list[str]:
    """``web/api`` in its parts, where each is a service."""
    parts, known = name.split("/"), tuple(services)
    return parts if all(service_named(part, known) for part in parts) else [name]


def _no_service(word: str, what: str, known: tuple[str, ...]) -> UserError:
    names = f" This repository has {', '.join(map(code, known))}." if known else ""
    example = code(f"/affects {known[0] if known else 'checkout api'}")
    return UserError(
        f"{code(word)} is {what}.{names} Write names only, such as {example}, and a sentence with `/impact`."
    )


def questioned(word: str, find: Callable[[str], str]) -> str:
    """What the word names when its question mark is left out; empty when it has none or names nothing."""
    asked = bare(word)
    return find(asked.rstrip("?")) if asked.endswith("?") else ""


def likely_service(services: Iterable[str], affected: Iterable[str]) -> str:
    """The service that is meant when nobody names one: the only one, else the only one that is affected.

    Empty: it could be several.
    """
    names = tuple(services)
    hit = {name.lower() for name in affected}
    for certain in (names, tuple(name for name in names if name.lower() in hit)):
        if len(certain) == 1:
            return certain[0]
    return ""


def not_a_service(word: str, services: Iterable[str], hint: str = "") -> UserError:
    """The refusal of a word that names none of the services there are."""
    known = tuple(services)
    names = ", ".join(code(name) for name in known)
    if not names:
        return UserError(
            "No service is configured. Name one under `services:` in `.github/allclear.yml`; "
            "`docs/rollback.md` shows how.",
            "no-services",
        )
    if name := questioned(word, lambda one: service_named(one, known)):
        said = f"{code(word, 60)} is a question, not an order, so nothing is done. {code(name)} names it."
        return UserError(said, "unclear")
    said = f"{code(word, 60)} is not a service; this repository has {names}."
    return UserError(f"{said} {hint}".rstrip(), "unknown-service")


def begun_name(text: str, services: Iterable[str]) -> str:
    """The service whose name goes on behind this and a dash: ``api`` of ``api-gateway``; or empty."""
    begin = bare(text.strip()[:80]).lower()
    return next((name for name in services if begin and name.lower().startswith(f"{begin}-")), "")
