"""Is what the embedded GitHub was asked, answered and sent what GitHub itself would recognise?

``assert_faithful(hub)`` belongs at the end of every test that drives a whole conversation.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar

from allclear_lab.github import Delivery, GitHub, RequestRecord
from fidelity import models
from fidelity.description import Description, description_path
from fidelity.schema import github_schema, query_problems, schema_path
from sampling import is_whole

# GitHub describes no payload for these. `schedule` starts runs without a webhook: see
# https://docs.github.com/actions/reference/events-that-trigger-workflows#schedule
# `rerun` is the embedded GitHub's own word to a stage that plays workflows.
NO_WEBHOOK = {"schedule", "rerun"}


EACH, THEN_EVERY = 30, 10
"""Of a conversation in the thousands, so many exchanges of one kind are judged, and every tenth of the
others: what is wrong with one that a crowd repeats is wrong with all. Most conversations have fewer. In
`make proof` all are judged."""

Judged = TypeVar("Judged", RequestRecord, Delivery)

_SAID: dict[bytes, tuple[str, ...]] = {}
"""By the digest of what was judged in this process, what the judges said. Conversations begin alike under a
clock that stands still, so nine of ten exchanges are the same to the byte as one before."""


def assert_faithful(hub: GitHub) -> None:
    """Fail with the first twenty differences between ``hub``'s record and GitHub's own descriptions.

    On a machine without the descriptions githubkit judges alone; with ``CI=true`` that is a failure.
    """
    found = list(islice(differences(hub), 20))
    assert not found, "the embedded GitHub differs from GitHub:\n" + "\n".join(found)


def differences(hub: GitHub) -> Iterator[str]:
    """Every difference, one line each, naming the request or the delivery."""
    yield from (f"refused as unknown: {violation}" for violation in hub.violations)
    for record in _judged(hub.requests, _kind):
        yield from (
            f"{record.method} {record.path} -> {record.status}: {what}" for what in exchange_problems(record)
        )
    for delivery in _judged(hub.deliveries, lambda one: (one.event, one.action)):
        name = " ".join(filter(None, (delivery.event, delivery.action)))
        yield from (f"delivery {name}: {what}" for what in delivery_problems(delivery))


def _judged(found: Iterable[Judged], kind: Callable[[Judged], object]) -> Iterator[Judged]:
    """What is judged of these: see EACH."""
    seen, every = Counter[object](), 1 if is_whole() else THEN_EVERY
    for one in found:
        alike = kind(one)
        seen[alike] += 1
        if seen[alike] <= EACH or seen[alike] % every == 0:
            yield one


def _kind(record: RequestRecord) -> object:
    asked = record.body.get("query") if record.path == "/graphql" and isinstance(record.body, dict) else ""
    return record.method, record.route or record.path, record.status, record.fault, asked


def exchange_problems(record: RequestRecord) -> Iterator[str]:
    """What GitHub's description (or GraphQL schema) and githubkit have against a request and its answer."""
    description = the_description()
    if record.path == "/graphql":
        if description_is_due(schema_path()) and isinstance(record.body, dict):
            query = record.body["query"]
            yield from _once(lambda: query_problems(github_schema(schema_path()), query), "query", query)
        return
    answered = not record.fault and record.status not in {301, 304, 307}
    if description is None:
        if answered and record.route:
            yield from _models_on(record, record.method, record.route)
        return
    operation = description.operation(record.method, record.path)
    if operation is None:
        yield "GitHub has no such operation"
        return
    # A request that GitHub refuses may be malformed: that is what the refusal says. Of one that was cut off
    # nobody read the body.
    where, query, sent = (record.method, record.path), record.query, record.body
    if record.status < 400 and not (record.fault and sent is None):
        yield from _once(
            lambda: description.request_problems(operation, query, sent), "request", where, query, sent
        )
    if answered:
        status, answer = record.status, record.response
        yield from _once(
            lambda: description.response_problems(operation, query, sent, status, answer),
            *("answer", where, query, sent, status, answer),
        )
        yield from _models_on(record, operation.method, operation.template)


def _models_on(record: RequestRecord, method: str, template: str) -> Iterable[str]:
    status, answer = record.status, record.response
    return _once(
        lambda: models.answer_problems(method, template, status, answer),
        *("model", method, template, status, answer),
    )


def delivery_problems(delivery: Delivery) -> Iterator[str]:
    """What ``x-webhooks`` and githubkit have against one payload."""
    if delivery.event in NO_WEBHOOK:
        return
    description, event, payload = the_description(), delivery.event, delivery.payload
    if description is not None:
        yield from _once(
            lambda: description.delivery_problems(event, delivery.action, payload),
            *("delivery", event, delivery.action, payload),
        )
    yield from _once(lambda: models.delivery_problems(event, payload), "payload", event, payload)


def _once(judge: Callable[[], Iterable[str]], *judged: object) -> tuple[str, ...]:
    """What the judge says of ``judged``, which is all that it looks at and may be JSON."""
    key = hashlib.sha256(json.dumps(judged, default=repr).encode()).digest()
    if key not in _SAID:
        _SAID[key] = tuple(judge())
    return _SAID[key]


def the_description() -> Description | None:
    """The description, loaded once; None where it may be missing and is."""
    return _load() if description_is_due(description_path()) else None


def description_is_due(path: Path) -> bool:
    """Whether a description is there. With ``CI=true`` it has to be."""
    if path.exists():
        return True
    assert os.environ.get("CI") != "true", f"{path} is missing: `.ci/run` installs it"
    return False


@cache
def _load() -> Description:
    return Description(description_path())
