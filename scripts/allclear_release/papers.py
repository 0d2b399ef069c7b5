"""What a release says of the packages in it: their licences, and the list of them (SBOM)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.parser import BytesParser
from pathlib import PurePosixPath
from typing import Any

from allclear_release.wheels import Wheel

NOTICES, SBOM = "NOTICES.txt", "sbom.cdx.json"
_LICENCES = ("licen", "copying", "notice", "authors")
_RULE = "=" * 100


def notices(wheels: Iterable[Wheel]) -> bytes:
    """The texts of the licences of all packages, one after the other."""
    said = ["Allclear is under the licence in LICENSE. Beside it, this tree holds these packages.\n"]
    for wheel in _once(wheels):
        said.append(f"{_RULE}\n{wheel.pin.name} {wheel.pin.version}\n{_RULE}\n")
        said += [text.decode(errors="replace").rstrip() + "\n" for text in _texts(wheel).values()]
    return "\n".join(said).encode()


def sbom(version: str, commit: str, date: int, wheels: Iterable[Wheel]) -> bytes:
    """The list of the packages, each file of theirs with its hash: https://cyclonedx.org/docs/1.6/json/

    Written here, since the library for it would bring several packages along for one list. Without a serial
    number, which would have to be another each time.
    """
    every = list(wheels)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(date, UTC).isoformat(),
            "component": {
                "type": "application",
                "bom-ref": "allclear",
                "name": "allclear",
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
                "properties": [{"name": "allclear:commit", "value": commit}],
            },
        },
        "components": [_component(one, every) for one in _once(every)],
        "dependencies": [{"ref": "allclear", "dependsOn": [_purl(one) for one in _once(every)]}],
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _once(wheels: Iterable[Wheel]) -> list[Wheel]:
    """One wheel of each package, by name."""
    return list(
        {wheel.pin.name: wheel for wheel in sorted(wheels, key=lambda one: (one.pin.name, one.file))}.values()
    )


def _component(wheel: Wheel, every: Iterable[Wheel]) -> dict[str, Any]:
    files = {one.file: one.sha256 for one in every if one.pin.name == wheel.pin.name}
    said = {
        "type": "library",
        "bom-ref": _purl(wheel),
        "name": wheel.pin.name,
        "version": wheel.pin.version,
        "purl": _purl(wheel),
        "components": [
            {"type": "file", "name": name, "hashes": [{"alg": "SHA-256", "content": sha256}]}
            for name, sha256 in sorted(files.items())
        ],
    }
    licence = _licence(wheel)
    return said | ({"licenses": [licence]} if licence else {})


def _purl(wheel: Wheel) -> str:
    return f"pkg:pypi/{wheel.pin.name}@{wheel.pin.version}"


def _licence(wheel: Wheel) -> dict[str, Any] | None:
    """What the package's metadata say: an expression of SPDX, or else a name."""
    about = BytesParser().parsebytes(
        next(t for p, t in wheel.content.items() if p.endswith(".dist-info/METADATA"))
    )
    if expression := about.get("License-Expression"):
        return {"expression": str(expression)}
    trove = [
        one.rpartition(" :: ")[2] for one in about.get_all("Classifier", []) if one.startswith("License ::")
    ]
    name = next(iter(trove), "") or str(about.get("License", "")).partition("\n")[0]
    return {"license": {"name": name}} if name else None


def _texts(wheel: Wheel) -> Mapping[str, bytes]:
    return {
        path: text
        for path, text in wheel.content.items()
        if ".dist-info/" in path and PurePosixPath(path).name.lower().startswith(_LICENCES)
    }
