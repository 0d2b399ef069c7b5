"""What a step leaves behind: the outputs it wrote down, and the artifact that an upload makes of files."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from allclear_lab.github import GitHub, RepositoryHandle

_ANY_TIME = (2025, 1, 1, 0, 0, 0)


def outputs_of(text: str) -> dict[str, str]:
    """The outputs in a GITHUB_OUTPUT file: ``name=value``, or lines between ``name<<EOF`` and ``EOF``.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
    """
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, equals, value = line.partition("=")
        if "<<" in name or not equals:
            name, _, end = line.partition("<<")
            value = "\n".join(_until(lines, end))
        found[name] = value
    return found


def _until(lines: Iterator[str], end: str) -> Iterator[str]:
    for line in lines:
        if line == end:
            return
        yield line


def upload(
    hub: GitHub, repository: RepositoryHandle, run_id: int, settings: Mapping[str, str], workspace: Path
) -> tuple[bool, dict[str, str]]:
    """What actions/upload-artifact does with ``name``, ``path`` (patterns, one a line), ``retention-days``
    and ``if-no-files-found``: whether it went well, and its outputs.

    https://github.com/actions/upload-artifact#outputs
    """
    files = sorted({file for pattern in settings["path"].split("\n") for file in _files(workspace, pattern)})
    if not files:
        return settings.get("if-no-files-found", "warn") != "error", {}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file in files:
            name = str(file.relative_to(workspace))
            archive.writestr(zipfile.ZipInfo(name, _ANY_TIME), file.read_bytes())
    data = packed.getvalue()
    days = int(settings.get("retention-days", "90"))
    made = repository.add_artifact(run_id, settings.get("name", "artifact"), data, days)
    page = f"{hub.server_url}/{repository.full_name}/actions/runs/{run_id}/artifacts/{made}"
    digest = hashlib.sha256(data).hexdigest()
    return True, {"artifact-id": str(made), "artifact-url": page, "artifact-digest": digest}


def _files(workspace: Path, pattern: str) -> Iterator[Path]:
    pattern = pattern.strip().removeprefix("./")
    if not pattern:
        return
    for path in workspace.glob(pattern):
        yield from (one for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file())
