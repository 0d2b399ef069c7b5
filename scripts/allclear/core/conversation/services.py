"""Which service is meant: one reading of its name, one guess when nobody names it, one refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from allclear.core.conversation import marks
from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code


def bare(word: str) -> str:
    """A name as people type it, without what they put around it, or an @ in front."""
    return marks.bare(marks.bare(word).strip("@"))


def service_named(word: str, services: Iterable[str]) -> str:
    """The service that ``word`` names in any case, as the settings spell it; empty when none is called so."""
    known = {name.lower(): name for name in services}
    return known.get(word.lower()) or known.get(bare(word).lower(), "")


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
        said = f"{code(word, 60)} is a question, not an order, so nothing is done. Write {code(name)} for it."
        return UserError(said, "unclear")
    said = f"{code(word, 60)} is not a service; this repository has {names}."
    return UserError(f"{said} {hint}".rstrip(), "unknown-service")
