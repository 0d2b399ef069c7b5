"""Which paths are migrations, and what a comparison leaves open."""

from __future__ import annotations

import pytest

from allclear.core.policy.service import Rollback
from allclear.core.production.rollback import migrations_in


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
