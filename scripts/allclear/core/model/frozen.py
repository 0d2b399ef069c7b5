"""The base of everything that is parsed at a door: immutable, and unknown keys are errors, not silence."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value that refuses unknown keys (https://docs.pydantic.dev/latest/api/config/)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
