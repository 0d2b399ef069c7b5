"""The base of what is parsed with pydantic: runbooks, reports, what one job hands to the next. Immutable, and
unknown keys are errors, not silence. What owners write in settings is `authored`.
"""

from typing import Annotated, Any, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Frozen(BaseModel):
    """An immutable value that refuses unknown keys (https://docs.pydantic.dev/latest/api/config/)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    @classmethod
    def initial(cls) -> Self:
        """The value with all its defaults, for a field of another model that is left out. Nothing is checked,
        so that what checks it is not built as soon as the other model is imported.
        """
        return cast("Self", cls.model_construct())


def one_or_more(value: Any) -> Any:
    """A single text stands for a list of one; what is neither text nor list is left for the schema."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_more)]
"""One text, or a list of them."""
