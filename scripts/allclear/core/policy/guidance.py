"""What a runbook tells people who look for the cause or the severity. It is shown, and decides nothing."""

from __future__ import annotations

from msgspec import Struct, field

from allclear.core.policy.deadline import Condition, Deadline


class About(Struct, frozen=True, kw_only=True):
    """What the runbook is for. ``facts``: anything with a name, such as its owner."""

    text: str = ""
    objectives: tuple[str, ...] = ()
    principles: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


class LookGroup(Struct, frozen=True, kw_only=True):
    """Commands that show where to look, under a heading. They are shown, never run."""

    title: str = ""
    commands: tuple[str, ...]


class LinkGroup(Struct, frozen=True, kw_only=True):
    """Pages by their names, under a heading; what is no address is a note."""

    title: str = ""
    links: dict[str, str]


class RunbookMeasure(Struct, frozen=True, kw_only=True):
    """A number that people report, or that a smoke run reads.

    ``least``: from which value on it is of a severity, for those that have a band; a band ends where that of
    the next worse begins.
    """

    id: str
    title: str
    unit: str = ""
    least: dict[str, float] = field(default_factory=dict)

    def written(self, value: float) -> str:
        """``12 %``, ``5 x normal``: the value with its unit."""
        return f"{value:.6g} {self.unit}".rstrip()


class SeverityRule(Struct, frozen=True, kw_only=True):
    """A condition under which the severity ``to`` is suggested; ``clock`` says for which severities, when it
    begins, and after how long.
    """

    to: str
    clock: Deadline


class Remedy(Struct, frozen=True, kw_only=True):
    """Something that helps; ``action``: the one of the settings that does it, or empty."""

    text: str
    action: str = ""


class Pattern(Struct, frozen=True, kw_only=True):
    """A kind of incident that is known. ``symptoms``: words that suggest it; ``later``: what is to be done
    about it afterwards.
    """

    id: str
    title: str
    severities: tuple[str, ...]
    symptoms: tuple[str, ...]
    look: tuple[str, ...] = ()
    fixes: tuple[Remedy, ...] = ()
    later: str = ""


class RollbackReason(Struct, frozen=True, kw_only=True):
    """A reason to go back at once, in these severities (in all without any). Under this condition the engine
    sees it for itself; without one people do.
    """

    text: str
    severities: tuple[str, ...] = ()
    when: Condition = Condition()

    @property
    def seen(self) -> bool:
        """Whether the engine can see it."""
        return self.when != Condition()

    def counts(self, level: str) -> bool:
        """Whether it is one in incidents of this severity."""
        return not self.severities or level in self.severities
