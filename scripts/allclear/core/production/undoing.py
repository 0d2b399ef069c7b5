"""What a request undoes, where only the deploy system has the list of releases.

The list cannot be asked before the approval: its secrets are behind it. So a request is about what runs when
it is asked for, and whatever changes the service before it begins ends it. A list with times tells that. From
one without, a dry run has to say first what runs; and where nothing tells what runs, people name the release.
"""

from __future__ import annotations

from allclear.core.model.errors import UserError
from allclear.core.model.neutral import code
from allclear.core.model.operation import Operation
from allclear.core.model.release import Release
from allclear.core.policy.provider import Provider
from allclear.core.record.incident import Incident


def last_look(incident: Incident, service: str) -> Operation | None:
    """The dry run that last said what runs, unless a rollback of this incident went through since."""
    mine = [
        one
        for one in incident.production.operations.values()
        if one.kind == "rollback" and one.service == service and one.outcome in ("done", "failed", "unknown")
    ]
    last = max(mine, key=lambda one: (one.ended or one.asked, one.id), default=None)
    looked = last is not None and last.dry_run and last.outcome == "done"
    return last if looked and last is not None and last.before else None


def undone_there(
    name: str, provider: Provider, word: str, incident: Incident, *, dry: bool
) -> tuple[str, Release | None]:
    """The release that is wanted, and what is undone, as far as both are known: the deploy system is asked
    for what is not named. Raises UserError when nobody could notice that somebody changed it meanwhile.
    """
    if provider.tells_when or dry:
        return word, None
    seen = last_look(incident, name)
    if seen is not None and provider.asked_what_runs is not None:
        return word or seen.release, Release(target=seen.before, name=seen.before)
    if word:
        return word, None
    way = f"Name the release: `/rollback {name} to <release>`."
    if provider.asked_what_runs is not None:
        way = (
            f"Ask `/rollback {name} --dry-run` first, which says what runs and where it would go back to; "
            f"`/rollback {name}` then does that, and nothing else. Or name the release: "
            f"`/rollback {name} to <release>`."
        )
    raise UserError(
        f"The deploy system of {code(name)} does not say since when a release is there. If somebody "
        f"changed it before this begins, one release too many would be undone. {way}",
        "unseen",
    )


def guarded(provider: Provider, undone: Release | None) -> str:
    """What happens when somebody changes the service before it begins: a sentence for the answer."""
    if provider.tells_when:
        return "If the service is changed before it begins, it ends without doing anything."
    if undone is not None:
        return f"It ends without doing anything unless {code(undone.name)} is what runs then."
    return (
        "**Nobody would notice if somebody else changed the service before it begins**, because the deploy "
        "system does not say when its releases came. Look before you approve."
    )
