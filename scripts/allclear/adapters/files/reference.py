"""Reference pages: every key of a file that people write, from the models that read it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

MOST_EXAMPLES = 4
"""Examples of what may stand at a key."""


@dataclass(frozen=True, slots=True)
class ReferenceKey:
    """One key. ``path``: of the entry that it stands in, empty at the top; ``form``: what may stand there, in
    Markdown; ``default``: as it is written, empty where there is none; ``meaning``: a sentence.
    """

    path: str
    name: str
    form: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ReferencePart:
    """The keys of one kind of entry, and every place where it may stand."""

    paths: tuple[str, ...]
    meaning: str
    keys: tuple[ReferenceKey, ...]


def parts(model: type[BaseModel]) -> tuple[ReferencePart, ...]:
    """The file's keys, then those of its entries, each kind once."""
    places: dict[type[BaseModel], list[str]] = {}
    for path, kind in _walk(model, ""):
        places.setdefault(kind, []).append(path)
    return tuple(
        ReferencePart(tuple(paths), _summary(kind), tuple(_keys(kind, paths[0])))
        for kind, paths in places.items()
    )


def reference(title: str, intro: str, found: Sequence[ReferencePart], examples: Mapping[str, str]) -> str:
    """A page. ``examples``: pieces of YAML by the key at the top that they show."""
    lines = [f"# {title}", "", intro, ""]
    for part in found:
        path = part.paths[0]
        also = f" Also `{'`, `'.join(part.paths[1:])}`." if part.paths[1:] else ""
        lines += [f"## `{path}`" if path else "## At the top", "", f"{part.meaning}{also}", ""]
        lines += ["| Key | What stands there | Without it | Meaning |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{key.name}` | {key.form} | {key.default or '**needed**'} | {_cell(key.meaning)} |"
            for key in part.keys
        ]
        lines.append("")
        top = path.removesuffix(".<id>")
        if top in examples:
            lines += ["```yaml", examples[top].rstrip(), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _walk(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for name, field in model.model_fields.items():
        here = f"{path}.{field.alias or name}".strip(".")
        for inner, kind in _inside(field.annotation, here):
            yield from _walk(kind, inner)


def _inside(annotation: Any, path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models in a field, with the place where they stand: below a name in a map."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield path, annotation
        return
    arguments = get_args(annotation)
    if getattr(annotation, "__origin__", None) is dict:
        yield from _inside(arguments[1], f"{path}.<id>")
        return
    for one in arguments:
        yield from _inside(one, path)


def _keys(model: type[BaseModel], path: str) -> Iterator[ReferenceKey]:
    told = meanings(model)
    schema = model.model_json_schema(by_alias=True)
    for name, field in model.model_fields.items():
        key = field.alias or name
        form = _form(schema["properties"][key], schema.get("$defs", {}))
        yield ReferenceKey(path, key, form, _default(field), told.get(name, ""))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}) or isinstance(value, BaseModel):
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{', '.join(map(str, value)) if isinstance(value, tuple) else value}`"


@cache
def meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """What stands below each field in the source, those of the classes above it included."""
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if not issubclass(kind, BaseModel) or kind is BaseModel:
            continue
        (defined,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
        assert isinstance(defined, ast.ClassDef)
        for line, after in zip(defined.body, defined.body[1:], strict=False):
            match line, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = " ".join(text.split()).replace("``", "`")
                case _:
                    pass
    return found


def _summary(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split()).replace("``", "`")


def _form(schema: Mapping[str, Any], kinds: Mapping[str, Any]) -> str:
    """What may stand there, in words."""
    if "$ref" in schema:
        return _form(kinds[schema["$ref"].rsplit("/", 1)[-1]], kinds)
    if "anyOf" in schema:
        forms = [_form(one, kinds) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(filter(None, forms)))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{value}`" for value in values if value != "")
    if schema.get("examples"):
        shown = schema["examples"][:MOST_EXAMPLES]
        return ", ".join(f"`{example}`" for example in shown) + (
            " …" if schema["examples"][MOST_EXAMPLES:] else ""
        )
    kind = schema.get("type")
    if kind == "object":
        inside = schema.get("additionalProperties") or next(
            iter(schema.get("patternProperties", {}).values()), None
        )
        return f"a map of {_form(inside, kinds)}" if isinstance(inside, dict) and inside else "an entry"
    if kind == "array":
        inside = schema.get("items")
        return f"a list of {_form(inside, kinds)}" if isinstance(inside, dict) and inside else "a list"
    words = {"string": "text", "number": "a number", "integer": "a number", "boolean": "`true` or `false`"}
    return words.get(str(kind), "text")
