"""POST /graphql: a part of GitHub's schema, executed by graphql-core over the same state.

https://docs.github.com/en/graphql. Problems answer 200 with `errors`; what the part lacks is one of them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from allclear_lab.github.graphql.connections import Shown
from allclear_lab.github.graphql.mutations import mutations
from allclear_lab.github.graphql.queries import Queries
from allclear_lab.github.rates import too_many_writes, write_allowed
from allclear_lab.github.routing import GitHubRefusal, RouteAnswer, RouteRequest, Routes

routes = Routes()

_CONFLICT = "because they return conflicting types"


@cache
def schema() -> GraphQLSchema:
    """The part of the schema the embedded GitHub knows."""
    files = sorted((Path(__file__).parent / "schema").glob("*.graphql"))
    return build_schema("\n".join(file.read_text(encoding="utf-8") for file in files))


@routes.add("POST", "/graphql", body=("query", "variables", "operationName"))
def post(ask: RouteRequest) -> Any:
    """Run a query or a mutation."""
    query = ask.field("query")
    if not query:
        raise GitHubRefusal(400, "A query attribute must be specified and must be a string.")
    document, problems = _read(query)
    if document is None or problems:
        return RouteAnswer(200, {"errors": [_error(one) for one in problems]}, changed=False)
    operation = get_operation_ast(document, ask.field("operationName"))
    changes = operation is not None and operation.operation is OperationType.MUTATION
    # What is written with GraphQL counts with all else, each mutation of a document for itself.
    written = operation.selection_set.selections if operation is not None and changes else ()
    if ask.hub.limits_writes and not all(write_allowed(ask.hub, ask.token) for _ in written):
        raise too_many_writes()
    done = execute_sync(
        schema(),
        document,
        root_value=mutations(ask) if changes else Queries(ask),
        variable_values=ask.field("variables", dict),
        operation_name=ask.field("operationName"),
    )
    answer: Shown = {} if done.data is None and done.errors else {"data": done.data}
    for error in done.errors or ():
        # A mistake of ours is none of the query's.
        if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
            raise error.original_error
    if done.errors:
        answer["errors"] = [_error(one) for one in done.errors]
    return RouteAnswer(200, answer, changed=changes)


# Programs send the same few documents over and over, and to parse one takes longer than to answer it.
@lru_cache(maxsize=128)
def _read(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """The document, and what is wrong with it. Unlike others, GitHub lets a field answer with one enum on
    an Issue and another on a PullRequest, and `gh` asks so.
    """
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(one for one in validate(schema(), document) if _CONFLICT not in one.message)


def _error(error: GraphQLError) -> Shown:
    shown: Shown = {**(error.extensions or {})}
    if error.path:
        shown["path"] = error.path
    if error.locations:
        shown["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    return shown | {"message": error.message}
