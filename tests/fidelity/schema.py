"""GitHub's GraphQL schema (npm ``@octokit/graphql-schema``) as the judge of our queries and our subset.

``ALLCLEAR_GITHUB_GRAPHQL`` names the file, or ``.ci-tools/graphql`` holds it; it is never committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    GraphQLUnionType,
    build_schema,
    extend_schema,
    parse,
    validate,
)

NEWER = """
extend type Issue {
  pinnedIssueComment: PinnedIssueComment
}
type PinnedIssueComment implements Node {
  id: ID!
  databaseId: Int
  fullDatabaseId: BigInt
  issue: Issue!
  issueComment: IssueComment!
  pinnedAt: DateTime!
  pinnedBy: Actor!
}
"""
"""What GitHub has had since 2026-02 and the newest version of the package has not:
https://docs.github.com/en/graphql/reference/issues#object-pinnedissuecomment
"""

KEPT_HERE = Path(__file__).parents[2] / ".ci-tools/graphql/package/schema.graphql"


def schema_path() -> Path:
    """Where the schema should be; whether it is there is for the caller to ask."""
    return Path(os.environ.get("ALLCLEAR_GITHUB_GRAPHQL") or KEPT_HERE)


@cache
def github_schema(path: Path) -> GraphQLSchema:
    """GitHub's whole schema (1.2 MB: about a second, once per session)."""
    whole = build_schema(path.read_text(encoding="utf-8"), assume_valid=True)
    if "PinnedIssueComment" in whole.type_map:
        return whole
    return extend_schema(whole, parse(NEWER), assume_valid=True)


def query_problems(whole: GraphQLSchema, query: str) -> Iterator[str]:
    """Why GitHub would refuse ``query``."""
    try:
        yield from (error.message for error in validate(whole, parse(query)))
    except GraphQLSyntaxError as error:
        yield error.message


def subset_problems(whole: GraphQLSchema, subset: GraphQLSchema) -> Iterator[str]:
    """Where ``subset`` differs from GitHub's schema: in a name, a type, or whether null is possible."""
    for name, ours in subset.type_map.items():
        if name.startswith("__"):
            continue
        theirs = whole.type_map.get(name)
        if theirs is None or type(theirs) is not type(ours):
            yield f"{name}: GitHub has {'no such type' if theirs is None else type(theirs).__name__}"
        else:
            yield from (f"{name}.{where}" for where in _differences(ours, theirs))


def _differences(ours: GraphQLNamedType, theirs: GraphQLNamedType) -> Iterator[str]:
    if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        yield from (
            f"{value}: not a value of GitHub's" for value in ours.values.keys() - theirs.values.keys()
        )
    if isinstance(ours, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
        members = {member.name for member in theirs.types}
        yield from (f"{member.name}: not a member" for member in ours.types if member.name not in members)
    if isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        for name, field in ours.fields.items():
            other = theirs.fields.get(name)
            if other is None or str(other.type) != str(field.type):
                yield f"{name}: ours {field.type}, GitHub's {other.type if other else 'absent'}"
    if isinstance(ours, (GraphQLObjectType, GraphQLInterfaceType)):
        assert isinstance(theirs, (GraphQLObjectType, GraphQLInterfaceType))
        interfaces = {interface.name for interface in theirs.interfaces}
        yield from (
            f"{one.name}: not an interface of it" for one in ours.interfaces if one.name not in interfaces
        )
        for name, shown in ours.fields.items():
            real = theirs.fields.get(name)
            if real is None or str(real.type) != str(shown.type):
                yield f"{name}: ours {shown.type}, GitHub's {real.type if real else 'absent'}"
                continue
            for argument, given in shown.args.items():
                known = real.args.get(argument)
                if known is None or str(known.type) != str(given.type):
                    theirs_is = known.type if known else "absent"
                    yield f"{name}({argument}): ours {given.type}, GitHub's {theirs_is}"
            needed = {key for key, value in real.args.items() if str(value.type).endswith("!")}
            yield from (f"{name}({key}): missing" for key in needed - shown.args.keys())
