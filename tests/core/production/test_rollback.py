"""What people type behind /rollback, which paths are migrations, and what a comparison leaves open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.model.errors import UserError
from allclear.core.policy.service import Rollback
from allclear.core.production.rollback import LONGEST, Request, migrations_in, read_request

SERVICES = ("web", "API", "agent-service")


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("", Request()),
        ("web", Request("web")),
        ("WEB", Request("web")),
        ("`web`", Request("web")),
        ("api", Request("API")),
        ("web checkout is down", Request("web", why="checkout is down")),
        ("web to v41", Request("web", "v41")),
        ("web TO `v41` bad release", Request("web", "v41", why="bad release")),
        ("to v41", Request("", "v41")),
        ("to v41 web is bad", Request("web", "v41", why="is bad")),
        ("to v41 it is bad", Request("", "v41", why="it is bad")),
        ("web to v41 api is fine", Request("web", "v41", why="api is fine")),
        ("web to to", Request("web", "to")),
        ("web down to earth", Request("web", why="down to earth")),
        ("--dry-run", Request(dry_run=True)),
        ("--dry-run web to v41", Request("web", "v41", dry_run=True)),
        ("web --dry-run to v41 why not", Request("web", "v41", dry_run=True, why="why not")),
        ("web to v41 --with-migrations", Request("web", "v41", with_migrations=True)),
        ("web --DRY-RUN --with-migrations", Request("web", dry_run=True, with_migrations=True)),
        # Phones make one dash of two, and typographic ones inside of words.
        ("web \u2014dry-run", Request("web", dry_run=True)),
        ("web \u2013dry\u2011run", Request("web", dry_run=True)),
        ("web \u2014with\u2010migrations", Request("web", with_migrations=True)),
        ("web -dry_run", Request("web", dry_run=True)),
        ("web \u2014 it broke - again", Request("web", why="\u2014 it broke - again")),
        ("web well-known --dry-run", Request("web", dry_run=True, why="well-known")),
        ("web -5% sales", Request("web", why="-5% sales")),
        ("\u00a0web\u2003to\tv41 ", Request("web", "v41")),
    ],
)
def test_a_request_is_read(line: str, request_: Request) -> None:
    assert read_request(line, "", SERVICES) == request_


def test_the_reason_may_go_on_below() -> None:
    assert read_request("web it is", "down\n--dry-run is no option here", SERVICES) == Request(
        "web", why="it is\ndown\n--dry-run is no option here"
    )


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("wbe", "unknown-service", "`wbe` is not a service; this repository has `web`, `API`"),
        ("checkout is down", "unknown-service", "A reason comes after the service"),
        ("v41", "unknown-service", "`v41` is not a service"),
        ("\uff57\uff45\uff42", "unknown-service", "is not a service"),
        ("w\u0435b", "unknown-service", "is not a service"),
        ("we\u200bb", "unknown-service", "is not a service"),
        ("web to", "malformed", "To which release?"),
        ("to", "malformed", "To which release?"),
        ("web to --dry-run", "malformed", "To which release?"),
        (
            "web --dryrun",
            "malformed",
            "`--dryrun` is not an option; there are `--dry-run`, `--with-migrations`",
        ),
        ("web --dry-run=yes", "malformed", "`--dry-run=yes` is not an option"),
        ("web --dry-runs", "malformed", "is not an option"),
        ("web --force", "malformed", "`--force` is not an option"),
        ("web \u2014force", "malformed", "is not an option"),
        ("web -f", "malformed", "`-f` is not an option"),
        ("web to -x", "malformed", "`-x` is not an option"),
        ("web to --config=x", "malformed", "is not an option"),
        (f"web {'x' * LONGEST}y", "malformed", "The reason has 4,001 characters"),
    ],
)
def test_what_cannot_be_meant_is_no_rollback(line: str, code: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        read_request(line, "", SERVICES)
    assert refused.value.code == code
    assert said in refused.value.message


@given(st.text(max_size=80))
def test_whatever_is_typed_names_a_service_of_ours_or_none(line: str) -> None:
    try:
        request = read_request(line, "", SERVICES)
    except UserError:
        return
    assert request.service in ("", *SERVICES)
    assert not request.target.startswith("--")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("migrations/1.sql", True),
        ("db/migrations/2026/1.sql", True),
        ("apps/api/db/migrate/20260302_add.rb", True),
        ("prisma/migrations/1/migration.sql", True),
        ("src/Migrations/Add.cs", True),
        ("db/migrations\nx/1.sql", False),
        ("docs/migrations.md", False),
        ("my-migrations/1.sql", False),
        ("migrations", False),
        ("app/migration/1.sql", False),
        ("README.md", False),
    ],
)
def test_migrations_are_known_by_their_paths(path: str, found: bool) -> None:
    assert migrations_in([path], Rollback().migrations) == ((path,) if found else ())


@pytest.mark.parametrize(
    ("glob", "path", "found"),
    [
        ("*.sql", "1.sql", True),
        ("*.sql", "db/1.sql", False),
        ("**/*.sql", "1.sql", True),
        ("**/*.sql", "a/b/1.sql", True),
        ("db/**", "db/a/b", True),
        ("db/**", "db", False),
        ("db/v?/x", "db/v1/x", True),
        ("db/v?/x", "db/v12/x", False),
        ("db/v?/x", "db/v//x", False),
        ("a+(b)[c].sql", "a+(b)[c].sql", True),
        ("a.sql", "aXsql", False),
        ("**", "anything/at\nall", True),
    ],
)
def test_globs_mean_what_they_mean_elsewhere(glob: str, path: str, found: bool) -> None:
    assert bool(migrations_in([path], (glob,))) is found
