import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from allclear.core.model.authored import read_authored
from allclear.core.model.operation import Artifact, Operation, Smoke, SmokeLine
from allclear.core.model.people import Person
from allclear.core.model.scrub import MARK, scrubber
from allclear.core.model.snapshot import Comment, Issue
from allclear.core.policy.settings import Settings
from allclear.core.production.evidence import (
    LEAST,
    MOST,
    MOST_FILE,
    Bundle,
    Manifest,
    conversation,
    environment,
    file_name,
    lean,
    legible,
    operations,
    services,
    shortened,
    smoke_runs,
    table,
)
from allclear.core.record.incident import ImpactAssessment, Incident, ProductionState, SmokeRun

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
BOB = Person(id=2, login="bob")
BOT = Person(id=9, login="github-actions[bot]")
ABOUT = Manifest(repository="acme/shop", issue=7, operation="evidence-1a2b3c4d", run=3, collected=NOW)


NEWLINE = b"\n"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def bundle(*secrets: str) -> Bundle:
    return Bundle(scrubber(secrets))


def test_every_file_stands_in_the_manifest_with_its_hash_and_where_it_is_from() -> None:
    kept = bundle()
    first = kept.keep("02-b.txt", "second\n", "the second place", NOW)
    kept.keep("01-a.txt", "first\n", "the first place", NOW)
    manifest, text, sums = kept.closing(ABOUT)

    assert first == b"second\n"
    assert [one.path for one in manifest.files] == ["01-a.txt", "02-b.txt"]
    assert json.loads(text)["files"][0] == {
        "path": "01-a.txt",
        "sha256": hashlib.sha256(b"first\n").hexdigest(),
        "bytes": 6,
        "source": "the first place",
        "at": "2026-03-02T14:00:00Z",
        "scrubbed": 0,
        "cut": 0,
    }
    assert sums.decode().splitlines() == [
        f"{sha(b'first' + NEWLINE)}  01-a.txt",
        f"{sha(b'second' + NEWLINE)}  02-b.txt",
        f"{sha(text)}  manifest.json",
    ]
    assert manifest.summary == ""


def test_the_summary_of_the_job_shows_what_is_there_and_what_is_not() -> None:
    kept = Bundle(scrubber(["geheimnis"]), most_file=10_000)
    kept.keep("01-a.txt", "geheimnis " * 500, "x", NOW)
    manifest, _, _ = kept.closing(ABOUT)
    first = manifest.files[0]
    assert table(manifest) == (
        "### Evidence of #7 (`evidence-1a2b3c4d`)\n\n"
        "| file | bytes | scrubbed | bytes cut | SHA-256 |\n|---|--:|--:|--:|---|\n"
        f"| `01-a.txt` | 5,500 | 500 |  | `{first.sha256}` |"
    )
    kept.keep("02-b.txt", "a\n" * 10_000, "x", NOW)
    kept.miss("the | part", "@everyone <!-- why")
    whole = table(kept.closing(ABOUT)[0])
    assert f"|  | {kept.files[1].cut:,} |" in whole
    assert whole.endswith("These parts could not be collected:\n\n- the \\| part: @\u2060everyone \\<!-- why")


def test_the_same_things_make_the_same_bytes() -> None:
    def made(order: int) -> tuple[bytes, bytes]:
        kept = bundle()
        for path in ["01-a", "02-b", "03-c"][::order]:
            kept.keep(path, path, "x", NOW)
        return kept.closing(ABOUT)[1:]

    assert made(1) == made(-1)


def test_secrets_are_gone_from_texts_items_sources_and_reasons() -> None:
    secret = 'geh"eim\n-wort'
    kept = bundle(secret)
    text = kept.keep("01-a.txt", f"it is {secret}.", f"from {secret}", NOW)
    lines = kept.keep_items("02-b.jsonl", [{"said": secret}, {secret: [f"a {secret}"]}], "x", NOW)
    kept.miss(f"the part {secret}", f"because\nof {secret}")
    manifest, data, _ = kept.closing(ABOUT)

    assert text == f"it is {MARK}.".encode()
    assert [json.loads(line) for line in (lines or b"").splitlines()] == [
        {"said": MARK},
        {MARK: [f"a {MARK}"]},
    ]
    assert [one.scrubbed for one in manifest.files] == [1, 3]
    assert manifest.missing[0].model_dump() == {"source": f"the part {MARK}", "why": f"because of {MARK}"}
    assert b"eim" not in data
    assert manifest.summary == ("1 part could not be collected, 4 secrets removed (manifest.json names them)")


def test_a_file_that_was_kept_before_is_scrubbed_once_more_with_what_is_known_now() -> None:
    """The step that collects knows no secret of the services; the one that adds to it does."""
    first = Bundle(scrubber())
    data = first.keep("a.txt", "the word is s3cr3t-word\n", "elsewhere", NOW)
    other = first.keep("b.txt", "nothing here\n", "elsewhere", NOW)
    assert data is not None
    assert other is not None
    again = Bundle(scrubber(["s3cr3t-word"]))
    changed = again.once_more(first.files[0], data)
    assert changed == f"the word is {MARK}\n".encode()
    assert again.once_more(first.files[1], other) is None
    kept, same = again.files
    assert (kept.bytes, kept.scrubbed) == (len(changed), 1)
    assert kept.sha256 == hashlib.sha256(changed).hexdigest()
    assert same == first.files[1]


def test_two_people_cannot_hide_what_a_third_wrote_between_them() -> None:
    key = "PRIVATE KEY-----"
    lines = ["-----BEGIN " + key, "what bob saw", "-----END " + key]
    data = bundle().keep_items("01-a.jsonl", [{"body": line} for line in lines], "x", NOW) or b""
    assert json.loads(data.splitlines()[1]) == {"body": "what bob saw"}


def test_a_file_keeps_its_first_and_last_lines_within_its_bound() -> None:
    assert bundle().most_file == MOST_FILE == 10_000_000
    kept = Bundle(scrubber(), most_file=10_000)
    text = "".join(f"line {number}\n" for number in range(2_000))
    data = kept.keep("01-a.log", text, "x", NOW) or b""
    lines = data.decode().splitlines()

    assert len(data) <= 10_000
    assert (lines[0], lines[-1]) == ("line 0", "line 1999")
    (cut,) = [line for line in lines if line.startswith("[")]
    assert cut == f"[{kept.files[0].cut + len(cut) + 2} bytes are left out here]"
    assert kept.closing(ABOUT)[0].summary == "1 file cut short (manifest.json names them)"


def test_all_files_together_have_a_bound_and_what_finds_no_room_is_said() -> None:
    assert bundle().left == MOST == 50_000_000
    kept = Bundle(scrubber(), left=25_000)
    for number in range(5):
        kept.keep(f"{number:02d}.txt", "word \n" * 1600, f"part {number}", NOW)

    assert sum(one.bytes for one in kept.files) <= 25_000
    assert [one.cut > 0 for one in kept.files] == [False, False, True]
    assert [one.source for one in kept.missing] == ["part 3", "part 4"]
    assert kept.missing[0].why == "there is no room left: the limit is 50 MB"


@given(
    st.lists(st.text(max_size=30), max_size=60),
    st.integers(min_value=LEAST, max_value=1200),
    st.booleans(),
)
def test_what_is_cut_is_text_within_its_bound(lines: list[str], limit: int, listed: bool) -> None:
    data = "\n".join(lines).encode("utf-8", errors="replace")
    kept = shortened(data, limit, listed=listed)

    assert len(kept) <= limit
    kept.decode("utf-8")
    assert (kept == data) is (len(data) <= limit)


def test_a_cut_list_is_still_a_list_of_json_lines() -> None:
    items = [{"n": number, "body": "ä" * 100} for number in range(100)]
    whole = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()
    kept = [json.loads(line) for line in shortened(whole, 5000, listed=True).splitlines()]

    assert kept[0]["n"] == 0
    assert kept[-1]["n"] == 99
    (note,) = [one for one in kept if "left_out_bytes" in one]
    assert note["left_out_bytes"] > 10_000


def test_one_endless_line_of_a_list_leaves_only_the_note() -> None:
    kept = shortened(b'{"x": "' + b"a" * 5000 + b'"}\n', 1000, listed=True)
    assert json.loads(kept) == {"left_out_bytes": 5010}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("claim", "03-claim.txt"),
        ("../../etc/passwd", "03-etc-passwd.txt"),
        ("..\\..\\x", "03-x.txt"),
        ("a\0b\nc", "03-a-b-c.txt"),
        ("CON", "03-con-3.txt"),
        ("🔥🔥", "03-incident-3.txt"),
        ("", "03-incident-3.txt"),
        ("-rf *", "03-rf.txt"),
        ("Ünïcödé $(id) `x`", "03-unicode-id-x.txt"),
        ("%2e%2e%2f", "03-2e-2e-2f.txt"),
    ],
)
def test_a_file_is_named_by_a_number_and_plain_letters(words: str, name: str) -> None:
    assert file_name(3, words, "txt") == name


@given(st.text(max_size=400))
def test_no_words_leave_the_folder(words: str) -> None:
    name = file_name(1, words, "log")
    assert len(name) < 80
    assert name.removesuffix(".log").replace("-", "").isalnum()
    assert name.isascii()


def test_a_log_is_read_without_what_a_terminal_would_do_with_it() -> None:
    raw = "\ufeff\x1b[31mred\x1b[0m\r\nti\x1b]0;title\x07tle\rback\x08\0 ä".encode() + b"\xff"
    assert legible(raw) == "red\ntitle\nback ä\ufffd"


def test_a_secret_that_colours_cut_in_two_is_whole_again_and_gone() -> None:
    kept = bundle("geheimnis")
    assert kept.keep("01.log", legible(b"geh\x1b[1meim\0nis"), "x", NOW) == MARK.encode()


def test_an_answer_of_the_api_is_kept_without_its_links() -> None:
    user = {"login": "bob", "id": 2, "node_id": "U_2", "avatar_url": "https://a/b", "type": "User"}
    raw: dict[str, Any] = {
        "id": 5,
        "node_id": "X",
        "url": "https://api.github.com/x",
        "html_url": "https://github.com/acme/shop/issues/7",
        "labels": [{"name": "P1", "url": "https://api.github.com/l"}],
        "user": user,
        "repository": {"id": 1, "full_name": "acme/shop", "url": "https://api.github.com/r"},
        "payload": {"image_url": "registry/app:41", "url": "kept"},
        "statuses_url": "https://api.github.com/s",
        "log_url": "https://ci.example.com/1",
    }
    assert lean([raw]) == [
        {
            "id": 5,
            "html_url": "https://github.com/acme/shop/issues/7",
            "labels": [{"name": "P1"}],
            "user": {"login": "bob", "id": 2, "type": "User"},
            "repository": {"id": 1, "full_name": "acme/shop"},
            "payload": {"image_url": "registry/app:41", "url": "kept"},
            "log_url": "https://ci.example.com/1",
        }
    ]


def issue(title: str = "Checkout is down", body: str = "Since *noon*") -> Issue:
    return Issue(7, title, body, BOB, "open", frozenset(), (), NOW, "https://github.com/acme/shop/issues/7")


def comment(number: int, body: str, author: Person | None = BOB, edited: bool = False) -> Comment:
    later = NOW + timedelta(minutes=number)
    changed = later + timedelta(hours=1) if edited else later
    return Comment(number, author, body, later, changed, f"https://github.com/acme/shop/issues/7#c{number}")


def test_the_conversation_can_be_read_without_github() -> None:
    hidden = comment(3, "<!-- allclear:entries {} -->\nDone.", BOT)
    gone = comment(4, "", None)
    text = conversation(issue(), [comment(1, "I look", edited=True), hidden, gone], (BOT.id,), NOW)

    assert text == (
        "# #7: Checkout is down\n\n"
        "https://github.com/acme/shop/issues/7, as it was at 2026-03-02T14:00:00Z. Times are UTC.\n\n"
        "## Opened by `bob`, 2026-03-02T14:00:00Z\n\n> Since \\*noon\\*\n\n"
        "## 1. `bob`, 2026-03-02T14:01:00Z, edited 2026-03-02T15:01:00Z\n\n"
        "<https://github.com/acme/shop/issues/7#c1>\n\n> I look\n\n"
        "## 2. `github-actions[bot]`, 2026-03-02T14:03:00Z\n\n"
        "<https://github.com/acme/shop/issues/7#c3>\n\n> Done.\n\n"
        "## 3. an account that is gone, 2026-03-02T14:04:00Z\n\n"
        "<https://github.com/acme/shop/issues/7#c4>\n\n*Nothing.*\n"
    )


def test_a_line_that_looks_like_ours_is_shown_when_it_is_not_ours() -> None:
    page = conversation(issue(), [comment(1, "<!-- allclear:entries {} -->\nsure")], (BOT.id,), NOW)
    assert "> \\<!-- allclear:entries {} --\\>\n> sure" in page


HOSTILE = [
    "---\na: !!python/object:os.system\n---",
    "{{ config }} {% include 'x' %}",
    "@everyone @acme/ops fixes #1 GH-2 acme/shop#3",
    "<!-- allclear:entries {} -->\n<script>alert(1)</script><img src=x>",
    "```\n# out of the fence\n```\n![x](https://evil.example/p.png) [a](javascript:x)",
    "::error::x\n%0A::set-output name=x::y",
    "# heading\n## 1. `mia`, forged\n> quoted\n| a | b |\n|---|---|",
    "\u202eright to left\u2066 \u200b",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_wrote_stays_inside_its_quotation(text: str) -> None:
    page = conversation(issue(text, text), [comment(1, text)], (BOT.id,), NOW)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(page)
    kinds = [inner.type for token in tokens for inner in (token, *(token.children or ()))]
    level = [token.type for token in tokens if token.level == 0 and token.nesting == 1]

    assert level == [
        *["heading_open", "paragraph_open"],
        *["heading_open", "blockquote_open"],
        *["heading_open", "paragraph_open", "blockquote_open"],
    ]
    assert not {"html_block", "html_inline", "image", "fence", "code_block", "table_open", "hr"} & set(kinds)
    assert page.count("](") == page.count("\\](")
    assert "\u202e" not in page
    assert not page.startswith("---")


def test_operations_are_kept_in_the_order_they_were_asked_for() -> None:
    smoke = Smoke(lines=(SmokeLine(name="health", outcome="pass"),))
    rollback = Operation(
        id="rollback-1a2b3c4d",
        kind="rollback",
        service="web",
        asked=NOW,
        by=BOB,
        approved_by=Person(id=3, login="mia"),
        ended=NOW,
        state="ended",
        outcome="done",
        arguments={"a": "b"},
        smoke=smoke,
    )
    kept = Operation(
        id="evidence-1a2b3c4d",
        kind="evidence",
        service="",
        asked=NOW - timedelta(hours=1),
        artifact=Artifact(url="https://github.com/a", sha256="0" * 64, files=3),
    )
    first, second = operations(
        Incident(7, production=ProductionState({rollback.id: rollback, kept.id: kept}))
    )

    assert (first["id"], first["asked_by"], first["artifact"]["files"]) == (kept.id, "allclear", 3)
    assert second["approved_by"] == "mia"
    assert second["smoke"]["passed"] is True
    assert second["ended"] == "2026-03-02T14:00:00Z"
    assert "dry_run" not in second


def test_the_newest_smoke_result_of_each_service_is_kept() -> None:
    failed = Smoke(lines=(SmokeLine(name="health", outcome="fail", detail="500"),))
    incident = Incident(
        7,
        production=ProductionState(
            smoke={"web": SmokeRun(failed, NOW, "smoke-1a2b3c4d", "https://github.com/r")}
        ),
    )
    assert smoke_runs(incident) == [
        {
            "service": "web",
            "at": "2026-03-02T14:00:00Z",
            "operation": "smoke-1a2b3c4d",
            "url": "https://github.com/r",
            "count": 1,
            "passed": False,
            "lines": [{"name": "health", "kind": "http", "outcome": "fail", "detail": "500", "seconds": 0.0}],
        }
    ]


COMMAND = [{"name": "logs", "run": ["true"]}]
SHOP = read_authored(
    Settings,
    {
        "services": {
            "Web": {"evidence": COMMAND, "smoke_environment": "looks"},
            "api": {"evidence": COMMAND},
            "idle": {"smoke_environment": "other"},
        }
    },
)


def test_evidence_is_that_of_the_named_service_or_of_those_hit_or_of_all() -> None:
    asked = Operation(id="rollback-1a2b3c4d", kind="rollback", service="api", asked=NOW)
    assert services("Web", Incident(7), SHOP) == ("Web",)
    assert services("gone-from-the-settings", Incident(7), SHOP) == ()
    assert services("", Incident(7, impact=ImpactAssessment(services=("web", "unknown"))), SHOP) == ("Web",)
    assert services("", Incident(7, production=ProductionState({asked.id: asked})), SHOP) == ("api",)
    assert services("", Incident(7), SHOP) == ("Web", "api", "idle")
    assert services("", Incident(7), Settings()) == ()


def test_the_job_gets_the_environment_of_the_first_service_with_commands() -> None:
    assert environment(("idle", "api", "Web"), SHOP) == "looks"
    assert environment(("idle", "api"), SHOP) == ""
