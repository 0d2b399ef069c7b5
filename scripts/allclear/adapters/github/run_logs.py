"""The log of a workflow run: an archive that GitHub leads to by a redirect, on a storage server.

https://docs.github.com/en/rest/actions/workflow-runs#download-workflow-run-logs
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

import requests

from allclear.adapters.github.again import again
from allclear.adapters.github.client import MOVED_TO, TIMEOUT, Client
from allclear.adapters.github.errors import GitHubError, UnavailableError

MOST_PACKED = 50_000_000
"""Bytes of an archive that is read; a longer one is noted as not read."""

MOST_OPENED = 30_000_000
"""Bytes of one file in it: what follows is left out, so that an archive cannot grow in our hands."""

MOST_FILES = 100
CHUNK = 65_536


def run_logs(client: Client, base: str, run: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each job's log, in the order of the jobs. ``base`` is ``/repos/owner/name``.

    Raises NotFoundError and GoneError when there is none (any more), UnavailableError when it cannot be had.
    The names come from the archive: nothing to name a file by.
    """
    return _opened(again(client.pause, lambda: _fetched(client, base, run)))


def _fetched(client: Client, base: str, run: int) -> bytes:
    answer = client.send("GET", f"{base}/actions/runs/{run}/logs", accept=(302,))
    where = str(answer.headers.get(MOVED_TO, ""))
    if not where:
        raise UnavailableError(answer.status, f"the log of run {run} is nowhere")
    # The storage refuses a request that carries another token, and ours is nothing for it to know.
    with client.stranger() as session:
        try:
            with session.get(where, stream=True, timeout=TIMEOUT, allow_redirects=False) as got:
                if got.status_code != 200:
                    raise UnavailableError(got.status_code, f"the log of run {run} could not be fetched")
                return _bounded(got, run)
        except requests.RequestException as error:
            raise UnavailableError(0, f"the log of run {run}: {type(error).__name__}") from error


def _bounded(got: requests.Response, run: int) -> bytes:
    read = io.BytesIO()
    for chunk in got.iter_content(CHUNK):
        read.write(chunk)
        if read.tell() > MOST_PACKED:
            raise GitHubError(200, f"the log of run {run} is longer than {MOST_PACKED // 1_000_000} MB")
    return read.getvalue()


def _opened(packed: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for one in _jobs(archive)[:MOST_FILES]:
                with archive.open(one) as file:
                    yield one.filename, file.read(MOST_OPENED)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise GitHubError(200, f"the archive of a log is broken: {type(error).__name__}") from error


def _jobs(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files at the top are whole jobs; the folders below hold the same once more, step by step."""
    files = [one for one in archive.infolist() if not one.is_dir()]
    top = [one for one in files if "/" not in one.filename]
    return sorted(top or files, key=lambda one: (_number(one.filename), one.filename))


def _number(name: str) -> int:
    found = re.match(r"\d{1,6}", name, re.ASCII)
    return int(found.group()) if found else 10**6
