"""The comment that ties a duplicate to its original."""

from datetime import date

import pytest

from allclear.core.model.people import Person
from allclear.core.model.structs import replace
from allclear.core.record.join import Join, read_join
from allclear.core.record.seal import new_key, parse_keys

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


def test_with_a_key_a_join_counts_when_it_is_signed() -> None:
    keys = parse_keys(new_key(date(2026, 11, 28), bytes(32)))
    assert keys is not None
    signed = JOIN.signed(keys)
    assert read_join(f"{signed.marker}\n\n#2 is the same incident.") == signed
    assert signed.counts(keys)
    assert not JOIN.counts(keys)
    assert not replace(signed, people=()).counts(keys)
    assert not replace(signed, of=3).counts(keys)
    assert (JOIN.signed(None), JOIN.counts(None), signed.counts(None)) == (JOIN, True, True)
