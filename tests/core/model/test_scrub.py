import base64
import json
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allclear.core.model.scrub import MARK, scrubber, secret_values
from cpu_seconds import cpu_seconds

SECRET = 'hunter2/"very secret"+&more'
NOBODY = scrubber()

# Pretend tokens, put together here so that nobody's scanner takes this file for a leak.
TOKENS = {
    "personal": "ghp" + "_" + "a1B2" * 9,
    "installation": "ghs" + "_" + "1234567_eyJhbGciOi." + "eyJpc3MiOiJn." + "c2lnbmF0dXJl-_" * 8,
    "fine-grained": "github" + "_pat_" + "11ABCDEFG0" * 5,
    "gitlab": "glpat" + "-" + "x1y2z3w4v5u6t7s8r9q0",
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "slack": "xoxb" + "-123456789012-abcdefABCDEF",
    "slack hook": "hooks.slack.com/" + "services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "google": "AIza" + "SyA-1234567890abcdefghijklmnopqrstu",
    "stripe": "sk" + "_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "openai": "sk" + "-proj-" + "a1b2c3d4e5f6g7h8i9j0",
    "npm": "npm" + "_" + "a1B2" * 9,
    "sendgrid": "SG." + "a1b2c3d4e5f6g7h8i9j0ab." + "a1b2" * 11,
    "fly": "FlyV1 fm2" + "_" + "lJPECAAAAAAACbHHxBBUnqBrWpgWUMYBLZVTWSmmwrVodHRwczovL2FwaS5mbHku",
    "heroku": "HRKU" + "-" + "aa11bb22-cc33-dd44-ee55-ff6677889900",
    "supabase": "sbp" + "_" + "0123456789abcdef0123456789abcdef01234567",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
}
KEY = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEowIBAAKCAQEAabc\nxyz+/=\n-----END RSA PRIVATE " + "KEY-----"


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_of_a_known_service_is_gone_wherever_it_stands(name: str) -> None:
    token = TOKENS[name]
    for text in (token, f"is {token}, sorry", f'{{"a": "{token}"}}', f"{token}\n{token}"):
        done = NOBODY.scrub(text)
        assert token not in done.text
        assert done.count == text.count(token)
        assert MARK in done.text
    assert NOBODY.clean(f"before {token} after") in (f"before {MARK} after", f"before https://{MARK} after")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefghijklmnop",
        'curl -H "Authorization: token abcdefghijklmnop"',
        "> authorization: Basic Y2F0OmdlaGVpbW5pcw==",
        "sent Bearer abc.def-ghi_jkl~mno+pqr/stu= to it",
        "X-Api-Key: 12ab34",
        "Set-Cookie: session=abcdef123456; HttpOnly",
        "postgres://app:geheimnis@db.example.com/app",
        "redis://:geheimnis@cache:6379",
        "https://api.example.com/?page=2&access_token=geheimnis",
        "https://storage/?X-Amz-Signature=abcdef&sig=abcdefgh",
        "DB_PASSWORD=geheimnis",
        'password: "geheimnis"',
        r"{\"password\":\"geheimnis\"}",
        '{"client_secret": "abc123def"}',
        "api_key => abc123def",
        "psql --password geheimnis",
        "login --api-key=geheimnis",
        "token: 0123456789",
        KEY,
        json.dumps({"key": KEY}),
        KEY.partition("-----END")[0],
    ],
)
def test_what_is_said_to_be_a_secret_is_gone(text: str) -> None:
    done = NOBODY.scrub(text)
    assert done.count >= 1
    hidden = ("geheimnis", "abcdefgh", "12ab34", "abc123", "Y2F0", "MIIE", "0123456789", "stu=")
    assert not [word for word in hidden if word in done.text]


@pytest.mark.parametrize(
    "text",
    [
        "The token: expired, says the gateway",
        "Authorization: broken for users in Europe",
        "basic checks are green, bearer of bad news",
        "https://example.com:8443/health answers 200",
        "PASSWORD=*******",
        "commit 3d3c42e5aac5ba805825da76410c181273ba90b1 by bob@example.com",
        "the task-runner-of-the-second-shop is down",
        "1.2.3.4.5.6.7.8.9.10.11.12.13.14",
        "eyJub3QgYSB0b2tlbiI6MX0 and nothing after it",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert NOBODY.scrub(text) == (type(NOBODY.scrub(text)))(text, 0)


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower().replace("hunter", "hunter"),
        json.dumps(SECRET)[1:-1],
        escape(SECRET),
        escape(SECRET, {'"': "&quot;"}),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        base64.b64encode(SECRET.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_a_known_value_is_gone_in_every_spelling(spelled: str) -> None:
    done = scrubber([SECRET]).scrub(f"x{spelled}y")
    assert (done.text, done.count) == (f"x{MARK}y", 1)


@given(st.binary(max_size=7), st.text("abcXYZ019/+", min_size=9, max_size=40), st.binary(max_size=7))
def test_a_known_value_is_gone_in_base64_at_any_place(before: bytes, secret: str, after: bytes) -> None:
    """As user:password is in an Authorization header."""
    coded = base64.b64encode(before + secret.encode() + after).decode()
    left = scrubber([secret]).scrub(coded)
    assert left.count == 1
    # What is left around the mark is too little to tell more than the two signs at its ends.
    kept = left.text.replace(MARK, "")
    assert len(kept) * 6 <= (len(before) + len(after)) * 8 + 4 * 6 + 2 * 6


@given(st.lists(st.text(min_size=6, max_size=30), max_size=4), st.data())
def test_no_known_value_is_left_however_they_overlap(secrets: list[str], data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.sampled_from([*secrets, "a", " ", "\n"]) if secrets else st.text()))
    text = scrubber(secrets).clean("".join(parts))
    assert [one for one in secrets if one not in MARK and one in text.replace(MARK, "\0")] == []


def test_two_secrets_that_overlap_leave_nothing_of_either() -> None:
    assert scrubber(["abcdef123", "f123xyz"]).scrub("abcdef123xyz").text == MARK


def test_a_value_of_several_lines_is_known_line_by_line() -> None:
    known = scrubber(["first line of it\nshort\nsecond line of it\n"])
    assert known.clean("got `second line of it`, short") == f"got `{MARK}`, short"


def test_short_values_tear_no_holes() -> None:
    assert scrubber(["abc", "", "12345"]).scrub("abc 12345").count == 0


def test_a_mark_is_not_scrubbed_again() -> None:
    once = scrubber(["scrubbed"]).clean(
        f"password={MARK} token: {MARK} https://{MARK}@example.com ?sig={MARK}"
    )
    assert once.count(MARK) == 4
    assert "[[" not in once


def test_secrets_are_the_variables_that_are_listed_or_named_so() -> None:
    environ = {
        "GITHUB_TOKEN": "t0ken-of-github",
        "DATABASE_URL": "postgres://app:geheimnis@db/app",
        "OTHER_DSN": "mysql://app:ge%2Fhe@im%C3%B6@db",
        "FLY_APP": "hotdash-app",
        "PLAIN": "listed-by-the-settings",
        "PWD": "/home/runner/work",
        "GIT_AUTHOR_NAME": "somebody",
        "SHORT_TOKEN": "abc",
        "stripe_api_key": "lower-case-name",
        "EMPTY_SECRET": "      ",
    }
    assert set(secret_values(environ, ["PLAIN"])) == {
        "t0ken-of-github",
        "postgres://app:geheimnis@db/app",
        "geheimnis",
        "mysql://app:ge%2Fhe@im%C3%B6@db",
        "ge%2Fhe@im%C3%B6",
        "ge/he@imö",
        "listed-by-the-settings",
        "lower-case-name",
    }
    assert "FLY_APP" not in secret_values(environ)


def test_the_texts_of_a_tree_are_scrubbed_one_by_one() -> None:
    """Half a key in one comment and its other half in another do not hide what lies between."""
    begin, _, end = KEY.partition("\nMIIEowIBAAKCAQEAabc\nxyz+/=\n")
    tree = {"comments": [{"body": begin}, {"body": "what bob saw"}, {"body": end}], "n": 1, "x": (None, True)}
    done, count = NOBODY.tree(tree)
    assert done["comments"][1] == {"body": "what bob saw"}
    assert (done["n"], done["x"], count) == (1, [None, True], 1)
    assert NOBODY.clean(f"{begin}{' word' * 5000}{end}").count("word") > 1000


# fmt: off
HOSTILE = [
    "eyJ", "eyJaaaaaaaaaa.", "a", "a.", "-----BEGIN PRIVATE KEY-----", "-", "://", "://a:", ":", "@",
    "--token", "-- ", "password=", "password", "token: ", "ghp_", "github_pat_", "bearer ", "?sig=", "&",
    "\\n", "cookie:", "authorization ", "x-", "fm2_", "=",
]
# fmt: on


@pytest.mark.parametrize("sign", HOSTILE)
def test_a_hostile_line_costs_no_more_than_its_length(sign: str) -> None:
    """Twice the length takes about twice the time; a quadratic search would take far more (E20)."""
    known = scrubber(["aaaaaa", "eyJeyJ"])
    text = sign * (65_536 // len(sign))
    known.scrub(text)
    assert cpu_seconds(lambda: [known.scrub(text), known.scrub(text)]) < 2
