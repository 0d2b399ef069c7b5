"""What is wrong with the services although each line of the settings can be read: said before an incident."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from allclear.core.model.neutral import code
from allclear.core.model.patterns import lazy_regex
from allclear.core.policy.address import Hosts, RefusedError
from allclear.core.policy.provider import RESERVED, Provider, source_of_targets
from allclear.core.policy.runbook import Runbook
from allclear.core.policy.service import PLACEHOLDER, Service
from allclear.core.policy.settings import Settings
from allclear.core.policy.sharing import not_told_apart
from allclear.core.policy.variables import by_api

# Not the reader that a smoke run goes by: this one only has to find what that would refuse.
_ADDRESS = lazy_regex(
    r"(https?)://([^/?#@\s\\]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\s\[\]\\]+)(?::([0-9]{1,5}))?(?:[/?#]\S*)?",
    re.IGNORECASE,
)

MOST = 20
"""Mistakes that are told; the rest is counted."""


def troubles(settings: Settings, providers: Mapping[str, Provider], runbook: Runbook) -> tuple[str, ...]:
    """One sentence a mistake: the setting, what is wrong with it, and what to do. Empty when all is well.

    ``providers``: those that could be read. Nothing is switched off by it: what is broken refuses by itself
    when it is asked for.
    """
    told = list(_told(settings, providers, runbook))
    more = [f"And {len(told) - MOST} more in `services` and `actions`."] if len(told) > MOST else []
    return (*told[:MOST], *more)


def evidence_notes(settings: Settings) -> tuple[str, ...]:
    """What to know about evidence before an incident: who could read it. The check does not see GitHub."""
    if settings.public_evidence:
        note = (
            "`public_evidence` is on: if this repository is public, everybody who is signed in to GitHub can "
            "download what `/evidence` collects, logs and the output of commands among it."
        )
    elif any(service.evidence for service in settings.services.values()):
        note = (
            "If this repository is public, `/evidence` collects nothing, because everybody who is signed in "
            "to GitHub could download it. `public_evidence: true` collects it all the same."
        )
    else:
        return ()
    return (note,)


def _told(settings: Settings, providers: Mapping[str, Provider], runbook: Runbook) -> Iterator[str]:
    for name, service in settings.services.items():
        where = f"services.{name}"
        if service.provider:
            yield from _provider(where, service, providers)
            yield from _sharing(name, settings, providers)
        yield from _addresses(where, service, settings)
        criteria = [criterion.id for criterion in runbook.recovery]
        for wanted in service.recovery:
            if wanted not in criteria:
                yield (
                    f"`{where}.recovery.{wanted}`: the runbook `{runbook.name}` has no such criterion"
                    f"{_instead(wanted, criteria)}"
                )
    for name, action in settings.actions.items():
        if action.service and action.service not in settings.services:
            yield (
                f"`actions.{name}.service` is {code(action.service)}, which is not under `services`"
                f"{_instead(action.service, settings.services)}"
            )


def _near(wanted: str, there: Iterable[str]) -> str:
    """``; did you mean `web`?``, or the end of the sentence."""
    near = get_close_matches(wanted, list(there), 1)
    return f"; did you mean {code(near[0])}?" if near else "."


def _instead(wanted: str, there: Iterable[str]) -> str:
    """``; did you mean `web`?`` or what there is."""
    known = list(there)
    near = _near(wanted, known)
    if near != ".":
        return near
    return f"; there are {', '.join(code(one) for one in known)}." if known else "; there are none."


def _provider(where: str, service: Service, providers: Mapping[str, Provider]) -> Iterator[str]:
    provider = providers.get(service.provider)
    if provider is None:
        yield (
            f"`{where}.provider` is {code(service.provider)}, which is neither under `providers` nor a "
            "readable file of `templates/providers`, so "
            f"{code(where.partition('.')[2])} cannot be rolled back{_near(service.provider, providers)}"
        )
        return
    if source_of_targets(service, provider) == "provider" and by_api(provider):
        yield (
            f"`{where}.rollback.targets` is `provider`, but {code(service.provider)} goes through GitHub's "
            "API, whose job runs no command that could list releases; write `deployments`."
        )
    elif source_of_targets(service, provider) == "provider" and provider.list is None:
        yield (
            f"`{where}.rollback.targets` is `provider`, but {code(service.provider)} has no `list` to take "
            "them from; write `deployments`, or give the provider a `list`."
        )
    for name in sorted(_placeholders(provider) - service.values.keys() - set(provider.optional)):
        meaning = f": {provider.values[name]}" if provider.values.get(name) else ""
        yield f"`{where}.values.{name}` is missing; {code(service.provider)} needs it{meaning}."
    for name, value in service.values.items():
        if name not in _placeholders(provider):
            yield (
                f"`{where}.values.{name}` is not a value that {code(service.provider)} uses"
                f"{_instead(name, sorted(_placeholders(provider)))}"
            )
        elif not value or value.startswith("-") or not value.isprintable():
            yield (
                f"`{where}.values.{name}` has to be one word that does not begin with `-`, "
                "because a program would read that as an option."
            )


def _sharing(name: str, settings: Settings, providers: Mapping[str, Provider]) -> Iterator[str]:
    """Whose the deployments of its environment are, where GitHub's deployments are its list of releases."""
    service = settings.services[name]
    provider = providers.get(service.provider)
    if provider is not None and source_of_targets(service, provider) == "deployments":
        wrong = not_told_apart(name, settings)
        if wrong:
            yield f"{wrong} Until then {code(name)} cannot be rolled back."


def _placeholders(provider: Provider) -> frozenset[str]:
    """What a service has to fill: what the provider names, and what its workflow is called by."""
    words = [word for vector in provider.vectors for word in vector]
    if provider.rerun:
        words.append(provider.rerun.workflow)
    if provider.start:
        words += [provider.start.workflow, *provider.start.inputs.values()]
    used = {name for word in words for name in PLACEHOLDER.findall(word)}
    return frozenset((used | provider.values.keys()) - RESERVED)


def _addresses(where: str, service: Service, settings: Settings) -> Iterator[str]:
    """What a smoke run would refuse to talk to."""
    urls = [(f"{where}.health", url) for url in service.health]
    urls += [(f"{where}.smoke.{check.name}.url", check.url) for check in service.smoke]
    for name, measure in service.recovery.items():
        urls += [(f"{where}.recovery.{name}.url", measure.url)] if measure.url else []
        urls += [(f"{where}.recovery.{name}.prometheus", measure.prometheus)] if measure.prometheus else []
    for setting, url in urls:
        wrong = _wrong_with(url, settings) or _refused(url, settings)
        if wrong:
            yield f"`{setting}` is {code(url)}: {wrong}."


def _refused(url: str, settings: Settings) -> str:
    """What the smoke run itself would say, of addresses in spellings that a browser takes and we do not."""
    try:
        Hosts.of(settings.hosts, settings.private_hosts).target(url)
    except RefusedError as refusal:
        return str(refusal)
    return ""


def _wrong_with(url: str, settings: Settings) -> str:
    """What keeps a smoke run from this address; empty when nothing does."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        return "it is not an address; write one such as `https://app.example.com/health`"
    scheme, user, host, port = (part or "" for part in match.groups())
    if user:
        return "it holds a user name or a password; put them into a secret and a named command"
    usual = "443" if scheme.lower() == "https" else "80"
    whole = f"{host}:{port or usual}".lower()
    private = {name.lower() for name in settings.private_hosts}
    if {host.lower(), whole} & private:
        return ""
    if scheme.lower() != "https":
        return "it has to begin with `https`; only `private_hosts` may use `http`"
    listed = {name.lower() for name in settings.hosts}
    if port not in ("", usual):
        return "" if whole in listed else f"its port is not listed; add {code(whole)} to `hosts`"
    if not {host.lower(), whole} & listed:
        return f"its host is not listed; add {code(host)} to `hosts`"
    return ""
