"""What deploy systems print about their releases, real and spoilt."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.adapters.files.settings import read_provider
from allclear.core.model.release import Release, Releases, last_known_good
from allclear.core.model.structs import replace
from allclear.core.policy.provider import Listing
from allclear.core.production.listing import LARGEST, MOST, ListingError, marked, read_rows, releases_of

ROOT = Path(__file__).resolve().parents[3]


def listing_of(name: str) -> Listing:
    found = read_provider(ROOT, name).list
    assert found is not None
    return found


def read_listing(listing: Listing, printed: str) -> Releases:
    """What the list alone says."""
    rows = read_rows(listing, printed)
    return releases_of(rows, marked(rows))


def image(word: str) -> str:
    return f"registry.fly.io/web:deployment-{word}"


def fly(*releases: tuple[int, str, str]) -> str:
    return json.dumps(
        [
            {
                "ID": f"rel_{version}",
                "Version": version,
                "Status": status,
                "ImageRef": image(word),
                "User": {"Email": "ann@example.com"},
                "CreatedAt": f"2026-03-0{version % 9 + 1}T14:00:00Z",
            }
            for version, status, word in releases
        ],
        indent=4,
    )


def test_flyctl_names_versions_and_images() -> None:
    printed = fly((43, "failed", "C"), (42, "complete", "B"), (41, "complete", "A"))
    found = read_listing(listing_of("fly"), printed)
    assert found.current == Release(image("B"), "v42", at=datetime(2026, 3, 7, 14, tzinfo=UTC))
    assert [one.name for one in found.earlier] == ["v41"]


def test_an_image_that_runs_again_counts_as_what_it_was_first() -> None:
    printed = fly((43, "complete", "A"), (42, "complete", "B"), (41, "complete", "A"), (40, "complete", "Z"))
    good = last_known_good(read_listing(listing_of("fly"), printed))
    assert good is not None
    assert (good.name, good.target) == ("v40", image("Z"))


def test_heroku_says_which_release_is_the_current_one() -> None:
    rows = [
        {"version": 44, "status": "pending", "current": False, "created_at": "2026-03-02T14:00:00Z"},
        {"version": 43, "status": "succeeded", "current": True, "created_at": "2026-03-02T13:00:00Z"},
        {"version": 42, "status": "failed", "current": False, "created_at": "2026-03-02T12:00:00Z"},
        {"version": 41, "status": "succeeded", "current": False, "created_at": "no time"},
    ]
    found = read_listing(listing_of("heroku"), json.dumps(rows))
    assert found.current is not None
    assert (found.current.name, found.current.target) == ("v43", "43")
    assert [(one.name, one.deployed, one.at is None) for one in found.earlier] == [
        ("v42", False, False),
        ("v41", True, True),
    ]


def test_a_list_may_begin_with_the_oldest() -> None:
    """`kubectl rollout history` does."""
    printed = (
        "deployment.apps/web\nREVISION  CHANGE-CAUSE\n3         <none>\n4         kubectl apply\n"
        "12        image updated to 1.9\n\n"
    )
    listing = Listing(
        run=("kubectl",), format="lines", order="oldest-first", pattern=r"(?P<release>[0-9]+)\s.*"
    )
    found = read_listing(listing, printed)
    assert found.current == Release("12", "12")
    assert [one.target for one in found.earlier] == ["4", "3"]


def test_a_list_without_an_order_goes_by_its_numbers() -> None:
    listing = Listing(run=("ls",), order="by-number")
    rows = [{"release": word} for word in ("v9", "v12", "first", "v10")]
    found = read_listing(listing, json.dumps(rows))
    assert found.current is not None
    assert [found.current.name, *(one.name for one in found.earlier)] == ["v12", "v10", "v9", "first"]


def test_one_object_may_be_all_that_is_said() -> None:
    listing = Listing(run=("ls",), format="object", release="url")
    assert read_listing(listing, '{"url": "shop-1.vercel.app"}').current == Release(
        "shop-1.vercel.app", "shop-1.vercel.app"
    )
    with pytest.raises(ListingError, match="has `url`"):
        read_listing(listing, '{"name": "shop"}')


def test_a_list_of_backups_has_no_current_one_so_that_none_is_offered() -> None:
    found = read_listing(
        listing_of("script"), "2026-03-02T04-00 2026-03-02T04:00:00Z\n2026-03-01T04-00 2026-03-01T04:00:00Z\n"
    )
    assert found.current is None
    assert [one.name for one in found.earlier] == ["2026-03-02T04-00", "2026-03-01T04-00"]
    # The time is that of the backup, not of its restoration.
    assert found.earlier[0].at is None
    assert last_known_good(found) is None


def test_a_line_may_say_that_its_release_runs() -> None:
    found = read_listing(listing_of("script"), "c\nb 2026-03-02 *\na\n")
    assert found.current is not None
    assert (found.current.name, [one.name for one in found.earlier]) == ("b", ["a"])


LINES = Listing(
    run=("ls",), format="lines", pattern=r"(?P<release>v[0-9]+) (?P<target>[0-9a-f]+)(?: (?P<ok>ok))?"
)


def test_a_line_of_any_length_is_none_of_a_list() -> None:
    words = replace(LINES, pattern="(?P<release>v[0-9]+) .*")
    rows = read_rows(words, f"v3 {'x' * 3000}\nv2 short\n")
    assert [row.release.name for row in rows] == ["v2"]


def test_the_services_values_stand_for_themselves_in_a_pattern() -> None:
    mine = replace(LINES, pattern=r"{name} (?P<release>[0-9]+)")
    rows = read_rows(mine, "web.1 3\nwebx1 4\n", {"name": "web.1"})
    assert [row.release.name for row in rows] == ["3"]


def test_lines_have_targets_and_tell_which_work() -> None:
    found = read_listing(LINES, "notice\nv3 abc\n  v2 def ok  \nv1 123 ok\n")
    assert found == Releases(current=Release("def", "v2"), earlier=(Release("123", "v1"),))


def test_when_nothing_works_nothing_is_current() -> None:
    found = read_listing(LINES, "v3 abc\nv2 def\n")
    assert found.current is None
    assert [one.deployed for one in found.earlier] == [False, False]


def test_nothing_printed_in_lines_is_an_empty_list() -> None:
    assert read_listing(LINES, " \n") == Releases(current=None, earlier=())


JSON = Listing(run=("ls",), at="data.items", release="meta.name", target="id", current="live")


@pytest.mark.parametrize(
    "printed",
    [
        '{"data": {"items": [{"meta": {"name": "b"}, "id": 2, "live": true}]}}',
        'WARN a new version\n{"data": {"items": [{"meta": {"name": "b"}, "id": 2, "live": true}]}}\nbye',
        '[broken\n{"data": {"items": [7, {"id": 3}, {"meta": {"name": "b"}, "id": 2, "live": true}]}}',
    ],
)
def test_a_list_may_lie_deeper_and_between_other_output(printed: str) -> None:
    assert read_listing(JSON, printed) == Releases(current=Release("2", "b"), earlier=())


def test_a_list_that_names_no_current_release_has_none() -> None:
    rows = {"data": {"items": [{"meta": {"name": "b"}, "id": 2, "live": "true"}]}}
    found = read_listing(JSON, json.dumps(rows))
    assert found == Releases(current=None, earlier=(Release("2", "b"),))


def test_a_prefix_that_is_there_already_is_not_put_twice() -> None:
    listing = Listing(run=("ls",), prefix="v")
    found = read_listing(listing, '[{"release": "v2"}, {"release": 1}]')
    assert found.current == Release("v2", "v2")
    assert found.earlier == (Release("1", "v1"),)


PLAIN = Listing(run=("ls",))


@pytest.mark.parametrize(
    ("listing", "printed", "said"),
    [
        (PLAIN, "", "nothing was printed"),
        (PLAIN, "Error: not logged in", "is not JSON"),
        (PLAIN, "[1, 2", "is not JSON"),
        (PLAIN, "[" * 100_000, "is not JSON"),
        (PLAIN, '{"release": "v1"}', "The list of releases is not a JSON list"),
        (PLAIN, '[{"name": "v1"}]', "No entry of the list of releases has `release`"),
        (PLAIN, '[{"release": null}, {"release": true}, {"release": 1.5}, {"release": ["x"]}]', "No entry"),
        (PLAIN, '[{"release": "v1\\nrm"}, {"release": "\\u202ev1"}, {"release": ""}]', "No entry"),
        (PLAIN, json.dumps([{"release": "v" * 501}, {"release": 10**30}]), "No entry"),
        (JSON, '{"data": {"items": {"a": 1}}}', "`at: data.items` leads to no list"),
        (JSON, '{"data": {"items": [{"id": 1}]}}', "has `meta.name` and `id`"),
        (JSON, '{"data": {"items": [{"meta": {"name": "x"}}]}}', "has `meta.name` and `id`"),
        (LINES, "Error: not logged in\n", "No line of the list of releases matches its `pattern`"),
        (LINES, f"v1 {'a' * 3000}\n", "No line"),
        (LINES, f"v{'1' * 600} abc\n", "No line"),
        (PLAIN, "[" + " " * LARGEST, "longer than 1,048,576 characters"),
    ],
)
def test_what_is_no_list_of_releases_says_why(listing: Listing, printed: str, said: str) -> None:
    with pytest.raises(ListingError) as refused:
        read_listing(listing, printed)
    assert said in str(refused.value)


def test_an_empty_list_is_no_mistake() -> None:
    assert read_listing(PLAIN, "[]") == Releases(current=None, earlier=())
    assert read_listing(JSON, '{"data": {}}') == Releases(current=None, earlier=())


def test_no_more_releases_are_kept_than_anybody_goes_back() -> None:
    rows = json.dumps([{"release": number} for number in range(2 * MOST)])
    assert len(read_listing(PLAIN, rows).earlier) == MOST - 1


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["release", "id", "a"]), inner),
        ).map(json.dumps),
    )
)
def test_whatever_is_printed_gives_releases_or_a_reason(printed: str) -> None:
    for listing in (PLAIN, LINES, JSON):
        try:
            found = read_listing(listing, printed)
        except ListingError:
            continue
        every: list[Any] = [*([found.current] if found.current else []), *found.earlier]
        assert all(one.name.isprintable() and one.target.isprintable() and one.target for one in every)
