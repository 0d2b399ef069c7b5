"""Has mypy know the fields that `allclear.core.model.structs.replace` takes, as it does for dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mypy.expandtype import expand_type_by_instance
from mypy.meet import meet_types
from mypy.nodes import ARG_NAMED_OPT, ARG_POS
from mypy.plugin import FunctionSigContext, Plugin
from mypy.types import (
    CallableType,
    FunctionLike,
    Instance,
    ProperType,
    Type,
    TypeVarType,
    UnionType,
    get_proper_type,
)

REPLACE = "allclear.core.model.structs.replace"
STRUCT = "msgspec.Struct"


class StructsPlugin(Plugin):
    """https://mypy.readthedocs.io/en/stable/extending_mypy.html"""

    def get_function_signature_hook(
        self, fullname: str
    ) -> Callable[[FunctionSigContext], FunctionLike] | None:
        return _of_the_value if fullname == REPLACE else None


def _of_the_value(context: FunctionSigContext) -> CallableType:
    """All fields of the value, each by name and none needed."""
    if not context.args or len(context.args[0]) != 1:
        return context.default_signature
    value = get_proper_type(context.api.get_expression_type(context.args[0][0]))
    each = list(_fields(value))
    if not each or not all(each):
        return context.default_signature
    shared: dict[str, Type] = dict(each[0])
    for fields in each[1:]:
        shared = {name: meet_types(shared[name], fields[name]) for name in shared if name in fields}
    return context.default_signature.copy_modified(
        arg_types=[value, *shared.values()],
        arg_kinds=[ARG_POS, *[ARG_NAMED_OPT] * len(shared)],
        arg_names=[None, *shared],
        ret_type=value,
        variables=(),
        name=f"replace of {value}",
    )


def _fields(value: ProperType) -> Iterator[dict[str, Type]]:
    """The fields of each struct that the value may be; none of what is no struct."""
    if isinstance(value, UnionType):
        for one in value.items:
            yield from _fields(get_proper_type(one))
    elif isinstance(value, TypeVarType):
        yield from _fields(get_proper_type(value.upper_bound))
    elif isinstance(value, Instance) and value.type.has_base(STRUCT):
        method = value.type.get_method("__init__")
        made = get_proper_type(method.type) if method else None
        if isinstance(made, CallableType):
            whole = expand_type_by_instance(made, value)
            named = zip(whole.arg_names[1:], whole.arg_types[1:], strict=True)
            yield {name: kind for name, kind in named if name}
    else:
        yield {}


def plugin(version: str) -> type[Plugin]:
    return StructsPlugin
