"""Archives to download: what GitHub answers by a redirect to a storage server of its own.

Such an address works for a minute and for who knows it. The storage refuses a request that carries a
token, as Azure's does, so a client must not send the API's token on. Downloads are no requests to the API:
`hub.requests` does not have them and no budget pays for them; faults do happen to them.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from allclear_lab.github.actions.artifacts import Artifacts
from allclear_lab.github.actions.state import Runs
from allclear_lab.github.routing import GitHubRefusal
from allclear_lab.github.state import Repository

if TYPE_CHECKING:
    from allclear_lab.github.hub import GitHub

FOLDER = "/_storage/"
LASTS = timedelta(minutes=1)


def link(hub: GitHub, repository: Repository, kind: str, number: int) -> str:
    """Where the `logs` of a run or the `artifacts` of an id can be had until a minute from now."""
    path = f"{FOLDER}{repository.id}/{kind}/{number}"
    until = int((hub.now() + LASTS).timestamp())
    return f"{hub.api_url}{path}?se={until}&sig={_signature(hub, path, until)}"


def download(hub: GitHub, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    """The bytes of a zip archive. Refusal: 400 for a token, 403 for a wrong or old link, 404 for nothing."""
    if "authorization" in headers:
        raise GitHubRefusal(400, "Authentication information is not given in the correct format.")
    until = query.get("se", "")
    if not until.isdecimal() or query.get("sig") != _signature(hub, path, int(until)):
        raise GitHubRefusal(403, "Server failed to authenticate the request.")
    if hub.now().timestamp() > int(until):
        raise GitHubRefusal(403, "Signature not valid in the specified time frame")
    home, kind, number = path.removeprefix(FOLDER).split("/")
    repository = hub.world.repositories[int(home)]
    if kind == "logs":
        return _packed(repository.room(Runs).by_id[int(number)].logs)
    return repository.room(Artifacts).by_id[int(number)].data


def _packed(texts: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in texts.items():
            packed.writestr(zipfile.ZipInfo(name), text)
    return archive.getvalue()


def _signature(hub: GitHub, path: str, until: int) -> str:
    return hashlib.sha256(f"{hub.world.seed} {path} {until}".encode()).hexdigest()
