"""What people type behind /rollback and /run: understood, a dry run, or asked about, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.model.errors import UserError
from allclear.core.model.release import Release, Releases
from allclear.core.production.named_release import with_release
from allclear.core.production.request import LONGEST, Request, read_reason, read_request

SERVICES = ("web", "API", "agent-service", "preview-page")
SHA = "a1b2c3d" + 33 * "0"
RAN = Releases(
    Release("v42", "v42"), (Release("v41", "v41"), Release("v40", "v40"), Release(SHA, SHA[:7], SHA))
)


def read(text: str, releases: Releases | None = RAN) -> Request:
    """The request behind ``/rollback``, where these releases are known."""
    line, _, below = text.partition("\n")
    return with_release(read_request(line, below, SERVICES), releases)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("", Request()),
        ("web", Request("web")),
        ("WEB", Request("web")),
        ("`web`", Request("web")),
        ("web.", Request("web")),
        ('"web"', Request("web")),
        ("api", Request("API")),
        ("please web", Request("web")),
        ("web checkout is down", Request("web", why="checkout is down")),
        ("web, checkout is down", Request("web", why="checkout is down")),
        ("web: checkout is down", Request("web", why="checkout is down")),
        ('web "checkout is down"', Request("web", why='"checkout is down"')),
        ("web because checkout is down", Request("web", why="checkout is down")),
        ("web reason: checkout is down", Request("web", why="checkout is down")),
        ("web \u2014 it broke - again", Request("web", why="it broke - again")),
        ("web it broke because of bob", Request("web", why="it broke because of bob")),
        ("web to v41", Request("web", "v41")),
        ("web to `v41`, bad release", Request("web", "v41", why="bad release")),
        ("web TO `v41` bad release", Request("web", "v41", why="bad release")),
        ("web to release v41", Request("web", "v41")),
        ("web -> v41", Request("web", "v41")),
        ("web to v41: it is bad", Request("web", "v41", why="it is bad")),
        ("to v41", Request("", "v41")),
        ("to v41 web is bad", Request("web", "v41", why="is bad")),
        ("to v41 it is bad", Request("", "v41", why="it is bad")),
        ("web to v41 because api is fine", Request("web", "v41", why="api is fine")),
        ("web to to", Request("web", "to")),
        ("web\nto v41", Request("web", "v41")),
        ("web down to earth", Request("web", why="down to earth")),
        ("web web is down", Request("web", why="web is down")),
        (
            "web \u043f\u0430\u0434\u0430\u0435\u0442",
            Request("web", why="\u043f\u0430\u0434\u0430\u0435\u0442"),
        ),
        ("web 5\u00b5s became 5 s", Request("web", why="5\u00b5s became 5 s")),
        ("web to v41 --with-migrations", Request("web", "v41", with_migrations=True)),
        ("web \u2014with\u2010migrations", Request("web", with_migrations=True)),
        ("web --with migrations", Request("web", with_migrations=True)),
        ("web (with-migrations) to v41", Request("web", "v41", with_migrations=True)),
        ("web with migrations", Request("web", with_migrations=True)),
        ("web --while-deploying with-migrations", Request("web", with_migrations=True, while_deploying=True)),
        # A deploy is a usual reason, so only the option lets a rollback go on beside one.
        ("web while deploying it broke", Request("web", why="while deploying it broke")),
        ("web \u2014while\u2011deploying to v41", Request("web", "v41", while_deploying=True)),
        ("web --while deploying", Request("web", while_deploying=True)),
        ("web it broke while deploying", Request("web", why="it broke while deploying")),
        ("web\n--with-migrations\nit is down", Request("web", with_migrations=True, why="it is down")),
        ("web it fails with migrations", Request("web", why="it fails with migrations")),
        ("web well-known bug", Request("web", why="well-known bug")),
        ("web -5% sales", Request("web", why="-5% sales")),
        ("web \u200b\u2060 it is down", Request("web", why="\u200b\u2060 it is down")),
        ("web under review by bob", Request("web", why="under review by bob")),
        ("web since noon", Request("web", why="since noon")),
        ("\u00a0web\u2003to\tv41 ", Request("web", "v41")),
        ("web it is\ndown", Request("web", why="it is\ndown")),
        ("web because preview deployments fail", Request("web", why="preview deployments fail")),
        ("web because preview-page is down", Request("web", why="preview-page is down")),
        ("preview-page is down", Request("preview-page", why="is down")),
    ],
)
def test_a_request_is_understood(text: str, request_: Request) -> None:
    assert read(text) == request_


DRY = [
    "--dry-run",
    "-dry_run",
    "--DRY-RUN",
    "--dry run",
    "--dry-run=true",
    "--dryrun",
    "-- dry-run",
    "- dry run",
    "\u2014dry-run",
    "\u2013dry\u2011run",
    "\u2212\u2212dry-run",
    "\ufe63\ufe63dry-run",
    "\uff0d\uff0ddry-run",
    "--d\u200bry-run",
    "dry run please",
    "dry-run only!",
    "dryrun",
    "DryRun",
    "dry.run",
    "dry_run=true",
    "dry-rnu",
    "(dry-run)",
    "[preview]",
    "`dry-run`",
    "**dry run**",
    '"dry-run"',
    "noop",
    "no-op",
    "--noop",
    "--no-op",
    "preview",
    "--preview",
    "simulate",
    "simulation only",
    "what if",
    "--what-if",
    "--whatif",
    "just show me",
    "as a test run",
    "not for real",
    "\U0001d5bd\U0001d5cb\U0001d5d2-\U0001d5cb\U0001d5ce\U0001d5c7",
    "Trockenlauf",
    "als Probelauf",
    "\u00e0 blanc",
    "en seco",
    "simulaci\u00f3n",
    "simulieren",
    "\u30c9\u30e9\u30a4\u30e9\u30f3",
    "\u8bd5\u8fd0\u884c",
    "because dry run",
    "because it is down (dry run)",
    "because it is down --dry-run",
    "because it is down, dry run first please",
]


@pytest.mark.parametrize("words", DRY)
def test_01_a_word_for_a_dry_run_makes_it_one_however_it_is_written(words: str) -> None:
    assert read(f"web {words}").dry_run
    assert read(f"web checkout is down {words}").dry_run
    assert read(f"web to v41 {words}").dry_run
    assert read(f"web\n{words}").dry_run
    assert read(f"web checkout is down\n\nsince noon\n{words}").dry_run


@pytest.mark.parametrize("text", ["--dry-run web to v41", "dry run web to v41", "noop of web to v41"])
def test_a_dry_run_may_be_asked_for_first_and_still_knows_its_target(text: str) -> None:
    assert read(text) == Request("web", "v41", dry_run=True)


@pytest.mark.parametrize(
    ("text", "words"), [("web noop", ""), ("web it is broken, preview", "preview"), ("web --dry-run", "")]
)
def test_the_words_in_a_reason_that_made_it_a_dry_run_are_kept(text: str, words: str) -> None:
    assert read(text).dry_words == words


WORDS = ["dry-run", "dry run", "dryrun", "noop", "no-op", "preview", "simulate", "what-if", "test run"]
DASHES = ["", "-", "--", "---", "-- ", "\u2013", "\u2014", "\u2012", "\u2212", "\ufe58", "\uff0d"]
GAPS = ["-", "_", " ", "\u2011", ".", ""]
AROUND = [("", ""), ("(", ")"), ("[", "]"), ("`", "`"), ("*", "*"), ("<", ">")]


@st.composite
def marked(draw: st.DrawFn) -> str:
    """A word for a dry run in some spelling."""
    word = draw(st.sampled_from(WORDS)).replace("-", draw(st.sampled_from(GAPS)))
    word = draw(st.sampled_from([str.upper, str.title, str.lower]))(word)
    before, after = draw(st.sampled_from(AROUND))
    return f"{before}{draw(st.sampled_from(DASHES))}{word}{after}"


PROSE = st.text(max_size=40)
BEFORE = ["web", "web to v41", "web:", "web because", "web -", "web it is", "web to v41 because", "web\n"]


@given(
    marker=marked(),
    before=st.sampled_from(BEFORE),
    text=PROSE,
    end=st.sampled_from(["", ".", "!", " please", ", thanks", " only"]),
    gap=st.sampled_from([" ", "\n"]),
)
def test_nothing_with_a_word_for_a_dry_run_at_its_end_is_a_real_rollback(
    marker: str, before: str, text: str, end: str, gap: str
) -> None:
    try:
        request = read(f"{before} {text}{gap}{marker}{end}")
    except UserError:
        return
    assert request.dry_run


@given(marker=marked(), text=PROSE)
def test_nothing_with_a_word_for_a_dry_run_where_options_stand_is_a_real_rollback(
    marker: str, text: str
) -> None:
    for typed in (f"web {marker} {text}", f"{marker} web {text}", f"web to v41 {marker} {text}"):
        try:
            request = read(typed)
        except UserError:
            continue
        assert request.dry_run


def test_a_service_may_be_called_like_a_small_word() -> None:
    assert read_request("app it is down", "", ("app", "web")) == Request("app", why="it is down")
    with pytest.raises(UserError, match="`web` is a service, too"):
        read_request("app web", "", ("app", "web"))


@pytest.mark.parametrize(
    ("text", "target", "why"),
    [
        ("web v41", "v41", ""),
        ("web V41.", "V41", ""),
        ("web 41", "41", ""),
        ("web `v41` checkout is down", "v41", "checkout is down"),
        ("web v41: checkout is down", "v41", "checkout is down"),
        ("web v41 - checkout is down", "v41", "checkout is down"),
        ("web a1b2c3d", "a1b2c3d", ""),
        ("web\nv41", "v41", ""),
        ("web v99", "v99", ""),
        ("web deadbeef1", "deadbeef1", ""),
        ("web --with-migrations v41", "v41", ""),
    ],
)
def test_02_a_release_right_behind_the_service_is_the_target(text: str, target: str, why: str) -> None:
    request = read(text)
    assert (request.target, request.why) == (target, why)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("web broke since v41", "v41"),
        ("web back to v41", "v41"),
        ("web v41 v40", "v40"),
        ("web to v41 v40", "v40"),
        ("web 41 errors a second", "41"),
        ("web\nv41 is broken", "v41"),
    ],
)
def test_a_release_elsewhere_is_asked_about(text: str, name: str) -> None:
    with pytest.raises(UserError, match=f"Is `{name}` the release to go back to") as refused:
        read(text)
    assert refused.value.code == "unclear"


@pytest.mark.parametrize(
    "text",
    [
        "web 500s at it simultaneously",
        "web broke since v42",
        "web 500 errors a second",
        "web because v41 was fine",
        "web in v9 of chrome",
    ],
)
def test_what_runs_now_and_what_never_ran_here_is_no_target_in_a_reason(text: str) -> None:
    assert read(text).target == ""


def test_where_only_the_deploy_system_knows_them_what_looks_like_a_release_counts() -> None:
    assert read("web v7", None).target == "v7"
    assert read("web 500 errors", None).target == ""
    with pytest.raises(UserError, match="Is `v7` the release"):
        read("web broken since v7", None)


@pytest.mark.parametrize(
    "text",
    [
        "web agent-service",
        "web and agent-service",
        "web, agent-service",
        "web + api",
        "web api/agent-service",
        "web agent service",
        "web agent-servise",
        "web to v41 api is fine",
        "web checkout is down, api too",
        "web\nagent-service",
        "web\nand agent-service",
        "web\nalso agent-service too",
        "web agent",
        "web `API` is down",
    ],
)
def test_02_a_second_service_is_asked_about(text: str) -> None:
    with pytest.raises(UserError, match="is a service, too, and a `/rollback` is of one service") as refused:
        read(text)
    assert refused.value.code == "unclear"


REAL = [
    "checkout is down",
    "500 errors a second since 14:00",
    "no orders come in",
    "no payments go through",
    "nobody can log in",
    "release 41 broke checkout",
    "build 41 broke it",
    "version 41 is worse than the one before",
    "old sessions are lost",
    "#41 broke it",
    "PR 1234 broke checkout",
    "two customers cannot pay",
    "2 releases since noon and both are broken",
    "not a single order since noon",
    "not enough connections in the pool",
    "after the deploy errors went up",
    "after deploying orders fail",
    "by far the most errors today",
    "errors since the deploy",
    "latency doubled",
    "memory leak in the worker",
    "customers see blank pages",
    "payments fail with 502",
    "SLO burn of 14 an hour",
    "checkout times out when the cart is full",
    "the deploy broke login",
    "it broke login",
    "everybody is logged out",
    "database connections are used up",
    "error rate at 40%",
    "14:50 deploy broke it",
    "\U0001f525 checkout is on fire",
    "... checkout is down",
]


@pytest.mark.parametrize("reason", ["error rate at 40%", "14:50 deploy broke it", "undo the bad deploy"])
def test_a_real_reason_behind_a_dash_is_not_asked_about_either(reason: str) -> None:
    assert read(f"web - {reason}") == Request("web", why=reason)


@pytest.mark.parametrize("below", [" ", "\n"])
@pytest.mark.parametrize("reason", REAL)
def test_a_real_reason_is_never_asked_about(reason: str, below: str) -> None:
    assert read(f"web{below}{reason}").why == reason


@pytest.mark.parametrize(
    "text",
    [
        "web ?",
        "web should we?",
        "web checkout is down (why?)",
        "web because it is down?",
        "web\nright?",
        "web test",
        "web (test)",
        "web staging",
        "web on staging",
        "web checkout, on staging",
        "web because test",
        "web dyr-run",
        "web dr\u0443-run",
        "web perview",
        "web not yet",
        "web don\u2019t",
        "web if it gets worse",
        "web in 10 minutes",
        "web tomorrow",
        "web without migrations",
        "web env=staging",
        "web previous",
        "web the last known good release please",
        "web and everything else",
        "web no",
        "web nope",
        "web\n\nno wait, do not",
        "web\nactually no",
        "web\nno, wait",
        "web checkout is down\nno, wait",
        "web\ndo not do that",
        "web when ready",
        "web after lunch",
        "web soon",
        "web yesterday",
        "web release-41",
        "web release 41",
        "web build 41",
        "web version 41",
        "web tag v41",
        'web "v41"',
        "web v-41",
        "web rc1",
        "web #41",
        "web PR 1234",
        "web HEAD~1",
        "web ^",
        "web by 2",
        "web 2 releases",
        "web two back",
        "web old",
        "web it broke [check] again",
        "web -1",
        "web 15:30",
        "web 3:30 pm",
        "web @ 15:30",
        "web nvm",
        "web pls no",
        "web undo",
        "web ... not yet",
        "web ask @cat first",
        "web pending approval",
        "web not sure",
        "web in case it gets worse",
        "web \U0001f914",
        "web - don't",
        "web - not yet",
        "web \u2014 ... wait, not now",
        "web: later",
        "web - pending approval",
        "web - undo that",
        "web - \u26d4",
        "web -- at 15:30",
        "web because the dry run looked good",
        "web - it is down\nand the dry run was fine",
    ],
)
def test_what_could_be_more_than_a_reason_is_asked_about(text: str) -> None:
    with pytest.raises(UserError, match="Nothing is done, because") as refused:
        read(text)
    assert refused.value.code == "unclear"
    assert "`/rollback web --dry-run`" in refused.value.message


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("wbe", "unknown-service", "`wbe` is not a service; this repository has `web`, `API`"),
        ("checkout is down", "unknown-service", "A reason comes after the service"),
        ("v41", "unknown-service", "`v41` is not a service"),
        ("web?", "unclear", "`web?` is a question, not an order"),
        ("web/api", "unknown-service", "is not a service"),
        ("all", "unknown-service", "is not a service"),
        ("\uff57\uff45\uff42", "unknown-service", "is not a service"),
        ("w\u0435b", "unknown-service", "is not a service"),
        ("we\u200bb", "unknown-service", "is not a service"),
        ("web to", "malformed", "To which release?"),
        ("to", "malformed", "To which release?"),
        ("web to --dry-run", "malformed", "To which release?"),
        ("web to noop", "malformed", "To which release?"),
        ("web --dry-run=no", "malformed", "there are `--dry-run`, `--with-migrations`, `--while-deploying`."),
        ("web --no-dry-run", "malformed", "is not an option"),
        ("web --without-migrations", "malformed", "is not an option"),
        ("web --with-migrations=no", "malformed", "is not an option"),
        ("web --with bob", "malformed", "is not an option"),
        ("web --force", "malformed", "`--force` is not an option"),
        ("web \u2014force", "malformed", "is not an option"),
        ("web -f", "malformed", "`-f` is not an option"),
        ("web to -x", "malformed", "`-x` is not an option"),
        ("web to --config=x", "malformed", "is not an option"),
        ("web\n=> -f", "malformed", "is not an option"),
        ("web\n=> --dry-run", "malformed", "To which release?"),
        (f"web {'x' * LONGEST}y", "malformed", "The reason has 4,001 characters"),
    ],
)
def test_what_cannot_be_meant_is_no_rollback(line: str, code: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        read(line)
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
    ("text", "why", "dry"),
    [
        ("", "", False),
        ("web is full", "web is full", False),
        ("because bob said so", "bob said so", False),
        ("--dry-run", "", True),
        ("the queue fills up, dry run first", "the queue fills up, dry run first", True),
    ],
)
def test_the_reason_of_an_action_is_read_alike(text: str, why: str, dry: bool) -> None:
    reason = read_reason(text, "/run restart")
    assert (reason.why, reason.dry_run) == (why, dry)


@pytest.mark.parametrize("text", ["--force", "--with-migrations", "staging", "not yet", "?"])
def test_an_option_behind_an_action_is_never_its_reason(text: str) -> None:
    with pytest.raises(UserError):
        read_reason(text, "/run restart")


@pytest.mark.parametrize("text", ["(dry " * 12000, "- " * 30000, "x" * 60000, "\n" * 60000])
def test_a_text_that_is_too_long_to_be_kept_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(UserError, match="only 4,000 are kept"):
        read(f"web {text}")


def test_a_request_is_the_same_however_it_was_said() -> None:
    assert {Request("web", under="why"), Request("web", form=True)} == {Request("web")}
