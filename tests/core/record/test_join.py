"""The comment that ties a duplicate to its original."""

import pytest

from allclear.core.model.people import Person
from allclear.core.record.join import Join, read_join

JOIN = Join(repo=7, issue=2, of=1, people=(Person(id=3, login="bob"),))


def test_what_is_written_is_read_back() -> None:
    assert read_join(f"{JOIN.marker}\n\n#2 is the same incident.") == JOIN
    assert read_join(f"{JOIN.marker}\r\n") == JOIN


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        f"> {JOIN.marker}",
        f"\n{JOIN.marker}",
        "<!-- allclear:join {} -->",
        "<!-- allclear:join nonsense -->",
        '<!-- allclear:join {"repo":1',
        JOIN.marker.replace('"repo":7', '"repo":"x"'),
    ],
)
def test_anything_else_is_no_join(body: str) -> None:
    assert read_join(body) is None
