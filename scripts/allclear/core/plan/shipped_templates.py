"""The templates as they are shipped: that they can be rendered was found out before they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

SHIPPED: Mapping[str, str] = {
    "answer.md.j2": "83befc57389a5c256add28bbf87b9a3fd937f9cd97bde59e9d1137c92f5dec0e",
    "hotfix.md.j2": "e4ac521f36ac9c588cad0c40424a0a8c7715269918d51f560ff177091b189011",
    "notice.md.j2": "7cd9a580431c5dc08680db7d4f5be30b9f3ee7cb2966547fa3e95a85a72b344e",
    "panel.md.j2": "76939a0d2eef7a45f1745ab63b23ffd95b2bdd82243fadaef96ef1dd4c4d034e",
    "postmortem.md.j2": "4c0f4a71b2647bf8dc142f346ee908e9965b8c6aca0005b12748ba95cde77939",
    "pull_request.md.j2": "6a488793420401a71e24e46145ffbac3059119b258872f6fc9be939283e09337",
    "routine.md.j2": "4762b94ec716d4556b4b92da262094d69ba37085278c1f31f1a30de55781f6c0",
}
"""The SHA-256 of each, by its name."""


def shipped(texts: Iterable[tuple[str, bytes]]) -> bool:
    """Whether these files, each with its name, are all of the shipped ones, to the byte.

    A test fills those in for every shipped runbook. A run that did it again would take longer for that than
    for its answer.
    """
    here = {name: hashlib.sha256(text).hexdigest() for name, text in texts}
    return all(here.get(name) == known for name, known in SHIPPED.items())
