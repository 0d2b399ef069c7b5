"""The base of everything that is parsed at a door: immutable, and unknown keys are errors, not silence."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value that refuses unknown keys (https://docs.pydantic.dev/latest/api/config/)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def fields_of(kind: type[Frozen], value: Frozen) -> dict[str, Any]:
    """The fields of ``kind`` as ``value`` has them, for another model that has them too."""
    return {name: getattr(value, name) for name in kind.model_fields}
