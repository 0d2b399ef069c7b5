"""Each incident is counted once, and what is left out is listed with the reason."""

from allclear.core.metrics.collection import collect
from core.metrics.files import file

FILES = [
    file("2025-10-01-a.md", issue=1),
    file("2025-10-01-a-again.md", issue=1, repository="ACME/shop"),
    file("2025-10-02-drill-b.md", issue=2, kind="drill"),
    file("2025-10-03-c.md", issue=3, duplicate_of=1),
    file("2025-10-04-d.md", content="# From the wiki\n"),
    file("2025-10-05-e.md", content="---\nid: [\n---\n"),
    file("2025-10-06-f.md", issue=None, repository=None, id="INC-1"),
    file("2025-10-07-g.md", issue=None, repository=None, id="inc-1"),
    file("undated.md", issue=9, started_at=None, resolved_at=None),
    file("2025-10-08-h.md", issue=1, repository="acme/other", kind="retro"),
]


def test_drills_duplicates_copies_and_what_has_no_record_are_left_out_and_said_to_be() -> None:
    found = collect(FILES)
    assert [one.path.rpartition("/")[2] for one in found.counted] == [
        "2025-10-08-h.md",
        "2025-10-06-f.md",
        "2025-10-01-a-again.md",
    ]
    assert {one.file.path.rpartition("/")[2]: one.why for one in found.left_out} == {
        "2025-10-01-a.md": "the same incident as 2025-10-01-a-again.md",
        "2025-10-02-drill-b.md": "a drill",
        "2025-10-03-c.md": "a duplicate of #1",
        "2025-10-04-d.md": "no front matter",
        "2025-10-05-e.md": "front matter that cannot be read",
        "2025-10-07-g.md": "the same incident as 2025-10-06-f.md",
        "undated.md": "no day on which it started",
    }
    assert len(found.files) == len(FILES)
    assert found.files[-1].path.endswith("undated.md")
    assert [one.path.rpartition("/")[2] for one in found.wrong] == ["2025-10-05-e.md"]
