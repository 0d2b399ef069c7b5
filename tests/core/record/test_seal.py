"""The keys that sign the record: how they are written, what they sign, and what is said of a bad one."""

from datetime import UTC, date, datetime

import pytest

from allclear.core.record.seal import MOST_KEYS, Key, Keyring, KeyringError, Trust, new_key, parse_keys

DAY = date(2026, 11, 28)
ONE, TWO = new_key(DAY, bytes(32)), new_key(date(2026, 12, 24), bytes(range(32)))


def keyring(text: str) -> Keyring:
    found = parse_keys(text)
    assert found is not None
    return found


def test_a_key_is_one_word_with_its_day() -> None:
    assert TWO == "ac1-20261224-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert keyring(TWO).keys == (Key(date(2026, 12, 24), bytes(range(32))),)
    with pytest.raises(ValueError, match="32 bytes"):
        new_key(DAY, bytes(16))


@pytest.mark.parametrize("text", ["", "  ", "\n\n"])
def test_without_a_word_there_is_no_key(text: str) -> None:
    assert parse_keys(text) is None


def test_the_first_key_signs_and_all_verify() -> None:
    old, both = keyring(ONE), keyring(f"{TWO}\n  {ONE}\n")
    before, after = (ring.sign("entries", 7, 42, "text") for ring in (old, both))
    assert before != after
    assert len(after) == 64
    assert (both.signer("entries", 7, 42, "text", after), both.signer("entries", 7, 42, "text", before)) == (
        0,
        1,
    )
    assert old.signer("entries", 7, 42, "text", after) is None


def test_a_signature_is_for_one_kind_place_and_text() -> None:
    ring = keyring(ONE)
    signature = ring.sign("entries", 7, 42, "text")
    assert ring.signer("panel", 7, 42, "text", signature) is None
    assert ring.signer("entries", 8, 42, "text", signature) is None
    assert ring.signer("entries", 7, 4, "2\ntext", signature) is None
    assert ring.signer("entries", 7, 42, "text ", signature) is None
    assert ring.signer("entries", 7, 42, "text", signature[:-1]) is None
    assert ring.signer("entries", 7, 42, "text", "") is None
    assert ring.signer("entries", 7, 42, "text", "\udcff" * 64) is None


def test_what_was_written_until_the_end_of_the_oldest_keys_day_may_be_taken_over() -> None:
    assert keyring(TWO).horizon == datetime(2026, 12, 25, tzinfo=UTC)
    assert keyring(f"{TWO} {ONE}").horizon == datetime(2026, 11, 29, tzinfo=UTC)


SHORT = new_key(DAY, bytes(range(32)))[:-12]


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("hunter2", "does not begin with ac1-"),
        ("ac2-20261128-" + "A" * 43, "does not begin with ac1-"),
        ("ac1-2026112-" + "A" * 43, "does not begin with ac1-"),
        ("ac1-2026112x-" + "A" * 43, "does not begin with ac1-"),
        ("ac1-20261328-" + "A" * 43, "cannot be read"),
        ("ac1-20261128-" + "A" * 42 + "!", "cannot be read"),
        ("ac1-20261128-" + "A" * 41, "cannot be read"),
        (SHORT, "is too short: it has 23 bytes, and 32 are needed"),
        ("ac1-20261128-", "is too short: it has 0 bytes"),
    ],
)
def test_what_is_no_key_is_refused_with_the_way_to_make_one_and_never_quoted(word: str, why: str) -> None:
    with pytest.raises(KeyringError) as refused:
        parse_keys(f"{ONE} {word}")
    told = str(refused.value)
    assert told.startswith(f"Key 2 of the secret ALLCLEAR_KEY {why}")
    assert "allclear key | gh secret set ALLCLEAR_KEY" in told
    assert word not in told
    assert word.rpartition("-")[2] not in told or not word.rpartition("-")[2]
    assert refused.value.__cause__ is None


def test_more_keys_than_anybody_needs_are_refused() -> None:
    assert len(keyring(" ".join([ONE] * MOST_KEYS)).keys) == MOST_KEYS
    with pytest.raises(KeyringError, match=r"Key 11 .* is one too many"):
        parse_keys(" ".join([ONE] * (MOST_KEYS + 1)))


def test_keys_do_not_show_themselves() -> None:
    for shown in (repr(keyring(TWO)), repr(keyring(TWO).keys[0]), repr(Trust.of((1,), keyring(TWO)))):
        assert "AAEC" not in shown
        assert "x01" not in shown
