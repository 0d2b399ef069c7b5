"""A broken settings or runbook file says where and how to fix it, and people are still paged (I1, E17)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import written
from allclear.adapters.files.settings import load_policy, read_settings
from allclear.adapters.files.strict_yaml import DEEPEST, Mistake, load
from allclear.adapters.files.written_file import LARGEST
from allclear.core.model.authored import read_authored, written_json
from allclear.core.policy.service import Service
from allclear.core.policy.settings import Settings
from allclear.core.production.smoke import Answered, judged

HOTDASH = written.text("hotdash")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the default runbook and no settings."""
    (tmp_path / ".github").mkdir()
    (tmp_path / "templates/runbooks").mkdir(parents=True)
    for name in ("engine.yml", "runbooks/neutral.yml", "runbooks/hotdash.yml"):
        (tmp_path / "templates" / name).write_bytes((written.ROOT / "templates" / name).read_bytes())
    return tmp_path


def settings(checkout: Path, text: str | bytes) -> Path:
    raw = text if isinstance(text, bytes) else text.encode()
    (checkout / ".github/allclear.yml").write_bytes(raw)
    return checkout


def trouble(checkout: Path, text: str | bytes) -> str:
    """What people are told about a settings file."""
    loaded = load_policy(settings(checkout, text))
    assert loaded.runbook.name == "neutral"
    (said,) = loaded.trouble
    told, until, _ = said.partition(" Until it is repaired, everything in it that can be read counts")
    assert until
    return told


def test_no_file_is_no_trouble(checkout: Path) -> None:
    loaded = load_policy(checkout)
    assert (loaded.settings, loaded.trouble) == (Settings(), ())


@pytest.mark.parametrize("text", ["", "\n# nothing\n", "---\n", "people:\nzone: ~\nservices: null\n", "{}"])
def test_an_empty_file_is_no_trouble(checkout: Path, text: str) -> None:
    assert load_policy(settings(checkout, text)).settings == Settings()


def test_a_service_of_which_nothing_is_known_is_one(checkout: Path) -> None:
    services = load_policy(settings(checkout, "services:\n  web:\n  cron: ~\n")).settings.services
    assert services == {"web": Service(), "cron": Service()}


def test_an_answer_that_has_to_be_null_is_not_left_unchecked(checkout: Path) -> None:
    text = "services: {web: {smoke: [{name: home, url: 'https://x.test', expect: {error: null}}]}}\n"
    (check,) = load_policy(settings(checkout, text)).settings.services["web"].smoke
    assert check.expect == {"error": None}


def test_what_the_settings_expect_is_met_by_the_answer_that_the_guide_means(checkout: Path) -> None:
    expect = "{db.up: true, n: 5, v: 1.10}"
    text = f"services: {{web: {{smoke: [{{name: home, url: 'https://x.test', expect: {expect}}}]}}}}"
    (check,) = load_policy(settings(checkout, text)).settings.services["web"].smoke
    good, bad = '{"db": {"up": true}, "n": 5, "v": "1.10"}', '{"db": {"up": false}, "n": 5, "v": "1.10"}'
    assert judged(check, Answered(200, good.encode(), 0.1)) == ("pass", "200")
    assert judged(check, Answered(200, bad.encode(), 0.1)) == ("fail", "200, db.up has to be true, is false")


def test_this_repositorys_own_settings_are_valid(root: Path) -> None:
    assert load_policy(root).trouble == ()
    assert read_settings(root).people == {"On-call": (), "Backup On-call": (), "Engineering Manager": ()}


def test_words_stay_as_they_were_typed(checkout: Path) -> None:
    text = "people:\n  no: [no, 1e3, 0o7]\n  007: [yes]\nservices: [on, 2025-10-19]\nbots: [1, '7']\n"
    read = load_policy(settings(checkout, text)).settings
    assert read.people == {"no": ("no", "1e3", "0o7"), "007": ("yes",)}
    assert tuple(read.services) == ("on", "2025-10-19")
    assert read.bots == (1, 7)


def test_windows_line_ends_and_a_byte_order_mark_are_fine(checkout: Path) -> None:
    text = "\ufeffpeople:\r\n  CEO: [mona]\r\nzone: Europe/Berlin\r\n"
    read = load_policy(settings(checkout, text)).settings
    assert (read.people, read.zone) == ({"CEO": ("mona",)}, "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zone: UTC\n\npeple:\n  CEO: [mona]\n", "line 3: `peple` is not a setting; did you mean `people`?"),
        ("qqqq: 1\n", "line 1: `qqqq` is not a setting; there are `actions`, `bots`, `digest`,"),
        (
            "people:\n  CEO: ['@mona']\n",
            "line 2: `people.CEO.1`: '@mona' is not a GitHub login; write it without",
        ),
        ("people:\n  CEO: mona\n", "line 2: `people.CEO`: write a list here, such as `[one, two]`."),
        ("zone: Mars/Base\n", "line 1: `zone`: 'Mars/Base' is not an IANA time zone"),
        ("services:\n  - web\n  - [a]\n", "line 1: `services`: write a list of names, such as"),
        (
            "rights:\n  sev: owner\n",
            "line 2: `rights.sev`: write `read`, `triage`, `write`, `maintain` or",
        ),
        ("bots: [x]\n", "line 1: `bots.1`: write a whole number."),
        ("runbook: ../../etc/passwd\n", "line 1: `runbook`: write lower-case letters, digits and hyphens"),
        ("people: [CEO]\n", "line 1: `people`: write lines of `name: value` here."),
        ("- a\n", "line 1: write lines of `name: value` here."),
        ("just text\n", "line 1: write lines of `name: value` here."),
        ("zone: UTC\nzone: UTC\n", "line 2: `zone` is there twice; keep one."),
        ("zone:\nzone: UTC\n", "line 2: `zone` is there twice; keep one."),
        ("people: &p\n  CEO: [a]\n", "line 1: `&p` is an anchor; write the value out where it is used."),
        ("services: *p\n", "line 1: `*p` is an alias; write the value out."),
        (
            "zone: !!python/object/apply:os.system [id]\n",
            "line 1: tags such as `tag:yaml.org,2002:python/object/apply",
        ),
        ("zone: UTC\n---\nzone: UTC\n", "line 2: a second document begins here; keep one."),
        (
            "people:\n  CEO: [a\nzone: UTC\n",
            "line 3: this is not YAML: did not find expected ',' or ']'.",
        ),
        (
            "people:\n\tCEO: [a]\n",
            "line 2: this is not YAML: found character that cannot start any token.",
        ),
        ("zone: UTC\nservices: [a\x07b]\n", "line 2: this is not YAML: control characters are not allowed."),
        ("services:\n  - a\n  -\n", "line 3: this item of the list is empty."),
        ("? [a]\n: b\n", "line 1: a name has to stand before the colon."),
        (b"zone: UTC\nservices: [caf\xe9]\n", "line 2: this is not UTF-8 text. Save the file as UTF-8."),
        ("zone: UTC\n".encode("utf-16"), "line 1: this is not UTF-8 text. Save the file as UTF-8."),
    ],
)
def test_a_mistake_names_file_line_and_fix(checkout: Path, text: str | bytes, said: str) -> None:
    assert trouble(checkout, text).startswith(f"`.github/allclear.yml` {said}")


def test_deep_nesting_and_bombs_are_refused(checkout: Path) -> None:
    assert "nested deeper than 20 levels" in trouble(checkout, "services: " + "[" * 5000)
    bomb = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{b}, *{b}]\n" for b, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "`&a` is an anchor" in trouble(checkout, bomb)


def test_a_huge_file_is_not_read(checkout: Path) -> None:
    assert trouble(checkout, b"#" * (LARGEST + 1)) == "`.github/allclear.yml` is larger than 256 KiB."
    assert load_policy(settings(checkout, b"#" * LARGEST)).trouble == ()


def test_a_folder_in_its_place_is_said(checkout: Path) -> None:
    (checkout / ".github/allclear.yml").mkdir()
    assert "cannot be read: Is a directory." in load_policy(checkout).trouble[0]


def test_many_mistakes_are_counted(checkout: Path) -> None:
    said = trouble(checkout, "".join(f"zzz{n}: 1\n" for n in range(8)))
    assert said.count("is not a setting") == 5
    assert said.endswith("And 3 more.")


def test_the_last_good_settings_stay_in_force(checkout: Path) -> None:
    good = Settings(people={"CEO": ("mona",)})
    broken = settings(checkout, "runbok: x\nzone: Europe/Berlin\n")
    loaded = load_policy(broken, last_good=written_json(good))
    assert loaded.settings == Settings(people={"CEO": ("mona",)}, zone="Europe/Berlin")
    assert loaded.trouble[0].endswith(
        "; of the last good settings `people`, `runbook`; what is wrong in `runbok` does not."
    )


@pytest.mark.parametrize("last_good", ["", "{", '{"peple": 1}', "[]"])
def test_last_good_settings_that_cannot_be_read_are_none(checkout: Path, last_good: str) -> None:
    loaded = load_policy(settings(checkout, "qqqq: x\n"), last_good=last_good)
    assert loaded.settings == Settings()
    assert len(loaded.trouble) == 1


def test_good_settings_need_no_last_good_ones(checkout: Path) -> None:
    loaded = load_policy(settings(checkout, "zone: UTC\n"), last_good='{"zone": "Europe/Berlin"}')
    assert loaded.settings == Settings(zone="UTC")


def own(checkout: Path, text: str) -> str:
    """What is said of a runbook `own` with this text, while what can be read of it counts."""
    (checkout / "templates/runbooks/own.yml").write_text(text, encoding="utf-8")
    loaded = load_policy(settings(checkout, "runbook: own\npeople: { CEO: [mona] }\n"))
    assert loaded.runbook.name == "own"
    assert loaded.settings.people == {"CEO": ("mona",)}
    (said,) = loaded.trouble
    assert " Until it is repaired, everything in it that can be read counts" in said
    return said


def test_a_runbook_of_ones_own(checkout: Path) -> None:
    (checkout / "templates/runbooks/own.yml").write_text(HOTDASH.replace("name: hotdash", "name: own"))
    loaded = load_policy(settings(checkout, "runbook: own\n"))
    assert (loaded.runbook.name, loaded.trouble) == ("own", ())


def test_a_runbook_that_is_not_there(checkout: Path) -> None:
    loaded = load_policy(settings(checkout, "runbook: own\n"))
    assert loaded.runbook.name == "neutral"
    assert loaded.trouble[0].startswith(
        "There is no file `own.yml` in `.github/allclear/runbooks` or `templates/runbooks`: no runbook "
        "'own'; there are hotdash, neutral."
    )
    assert loaded.trouble[0].endswith(" Until it is repaired, the runbook `neutral` is in force.")


def test_a_runbook_under_another_name(checkout: Path) -> None:
    assert "own.yml` line 2: `name` has to be the file's: write `name: own`." in own(checkout, HOTDASH)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    response: 5m",
            "    reponse: 5m",
            "`reponse` is not a part of a runbook; did you mean `response`?",
        ),
        (
            "    response: 5m",
            "    response: soon",
            "`severities.P0.response`: 'soon' is no length of time; write",
        ),
        ("done: declared", "doen: declared", "`doen` is not a part of a runbook; did you mean `done`?"),
        ("  sections:", "  section:", "`section` is not a part of a runbook; did you mean `sections`?"),
        ("title: HotDash Incident Response Runbook", "title: [x]", "`title`: write a text here"),
        (
            "default_severity: P2",
            "default_severity: P9",
            "`default_severity`: no severity 'P9'; there are P0, P1,",
        ),
        ("levels: [DevOps, CEO]", "levels: []", "`chains.ceo.levels`: write one at least."),
    ],
)
def test_a_mistake_in_a_runbook_names_line_and_fix(checkout: Path, old: str, new: str, said: str) -> None:
    assert old in HOTDASH
    text = HOTDASH.replace("name: hotdash", "name: own").replace(old, new, 1)
    line = text[: text.index(new)].count("\n") + 1
    told = own(checkout, text)
    assert f"`templates/runbooks/own.yml` line {line}: {said}" in told


def test_what_a_runbook_lacks_or_contradicts_is_said(checkout: Path) -> None:
    text = HOTDASH.replace("name: hotdash", "name: own")
    lacking = text.replace("    response: 5m\n", "", 1)
    assert "`severities.P0.response` is missing; add it." in own(checkout, lacking)
    contradiction = text.replace("suggest: P0", "suggest: P7")
    assert "`rules.gravest.suggest`: no severity 'P7'; there are P0, P1," in own(checkout, contradiction)


def test_without_the_default_runbook_a_plain_one_pages(checkout: Path) -> None:
    (checkout / "templates/runbooks/neutral.yml").unlink()
    loaded = load_policy(checkout)
    assert loaded.trouble[0].startswith("There is no file `neutral.yml` in")
    assert loaded.trouble[0].endswith(" Until it is repaired, a plain runbook of ours is in force.")
    first = loaded.runbook.deadlines[0]
    assert (loaded.runbook.name, first.action, first.to) == ("emergency", "notify", ("DevOps",))


WHOLE = "people: { CEO: [mona] }\nrights: { rollback: admin }\nzone: Europe/Berlin\n"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("peple: { CEO: [ada] }\n", {"CEO": ("ada",)}),
        ("people: { CEO: ada }\n", {"CEO": ("ada",)}),
        ("people: { CEO: ['@ada', 'a b', bob] }\n", {"CEO": ("ada", "bob")}),
        ("people: { CEO: [ada] }\nzone: Mars\n", {"CEO": ("ada",)}),
        ("people: [ada]\n", {"CEO": ("mona",)}),
        ("people:\n  CEO: [ada\nzone: UTC\n", {"CEO": ("mona",)}),
        ("zone: [\npeople:\n  CEO: [ada]\n", {"CEO": ("ada",)}),
        ("people: { CEO: [ada] }\n\tzone: UTC\n", {"CEO": ("mona",)}),
        ("qqqq: 1\n", {"CEO": ("mona",)}),
        ("just text\n", {"CEO": ("mona",)}),
        (b"people: { CEO: [ada] }\nzone: caf\xe9\n", {"CEO": ("ada",)}),
    ],
)
def test_people_are_kept_wherever_they_can_be(
    checkout: Path, text: str | bytes, people: dict[str, tuple[str, ...]]
) -> None:
    broken = settings(checkout, text)
    versions = [("aaaaaaa", b"peple: 1\n"), ("bbbbbbb", WHOLE.encode()), ("ccccccc", b"people: {}\n")]
    loaded = load_policy(broken, earlier=lambda path: versions if path.endswith("allclear.yml") else ())
    assert loaded.settings.people == people
    (said,) = loaded.trouble
    assert ("of the file of `bbbbbbb` `people`" in said) == (people == {"CEO": ("mona",)})


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("rights: { rollback: admn, sev: write }\n", {"rollback": "admin", "sev": "write"}),
        ("rigths: { rollback: admin }\n", dict.fromkeys(("approve", "flag-off", "rollback", "run"), "admin")),
        ("rights: [x]\n", dict.fromkeys(("approve", "flag-off", "rollback", "run"), "admin")),
    ],
)
def test_rights_that_cannot_be_read_are_the_highest(
    checkout: Path, text: str, rights: dict[str, str]
) -> None:
    loaded = load_policy(settings(checkout, text), earlier=lambda _: [("bbbbbbb", WHOLE.encode())])
    assert loaded.settings.rights == rights


def test_a_service_or_an_action_with_a_mistake_in_it_does_not_count_at_all(checkout: Path) -> None:
    text = (
        "services:\n  web: { rollback: { aproval: environment } }\n  api: {}\n"
        "actions:\n  good: { title: G, run: [x] }\n  bad: { title: B, rum: [x] }\n"
    )
    loaded = load_policy(settings(checkout, text))
    assert (list(loaded.settings.services), list(loaded.settings.actions)) == (["api"], ["good"])
    assert "what is wrong in `actions`, `services` does not." in loaded.trouble[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rules:\n", "ruls:\n"),
        ("levels: [DevOps, CEO]", "levels: {CEO"),
        ("states:", "states"),
        ("severities: # worst first", "severities: worst"),
        ("default_severity: P2", "default_severity: P9"),
        ("    update: 15m", "    update: { P7: 0m }"),
        ("chains: #", "chain: #"),
        ("name: hotdash", "nam: hotdash"),
        ("    response: 5m\n", ""),
    ],
)
def test_a_runbook_with_a_mistake_keeps_what_can_be_read(checkout: Path, old: str, new: str) -> None:
    broken = HOTDASH.replace(old, new, 1)
    assert broken != HOTDASH
    settings(checkout, "runbook: hotdash\n")
    (checkout / "templates/runbooks/hotdash.yml").write_text(broken, encoding="utf-8")
    whole = written.runbook("hotdash")
    before = [("b", HOTDASH.encode())]
    alone = load_policy(checkout)
    helped = load_policy(checkout, earlier=lambda path: before if path.endswith("hotdash.yml") else ())
    for loaded in (alone, helped):
        assert len(loaded.trouble) == 1
        assert {one.id for one in loaded.runbook.severities} == {"P0", "P1", "P2", "P3"}
        assert any(one.start == "declared" and "P0" in one.within for one in loaded.runbook.deadlines)
    assert helped.runbook == whole


def test_keys_inside_of_plain_values_are_strange_without_a_guess(checkout: Path) -> None:
    assert "`people.CEO.1`" in trouble(checkout, "people:\n  CEO:\n    - x: 1\n")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        said = f"line {load(text).line(('nowhere',))}:"
    except Mistake as mistake:
        said = str(mistake)
    assert said.startswith("line ")


@given(st.integers(min_value=1, max_value=60))
def test_the_depth_has_one_limit(depth: int) -> None:
    text = "[" * depth + "x" + "]" * depth
    if depth <= DEEPEST:
        assert load(text).value
    else:
        with pytest.raises(Mistake, match="nested deeper"):
            load(text)


SHARED = """\
services:
  web:
    provider: ours
  api:
    provider: flyy
providers:
  ours: { title: Ours, pattern: "[0-9a-f]{40}", rollback: [go, "{target}"] }
"""


def test_what_is_wrong_with_a_service_is_told_with_file_and_line(checkout: Path) -> None:
    web, api = load_policy(settings(checkout, SHARED)).trouble
    assert web.startswith(
        "`.github/allclear.yml` line 2: `services.web.deployments` is missing: `web` shares"
    )
    assert web.endswith(" Until then `web` cannot be rolled back.")
    assert api.startswith("`.github/allclear.yml` line 5: `services.api.provider` is `flyy`")


def test_what_is_wrong_with_the_last_good_settings_has_no_line_in_the_broken_file(checkout: Path) -> None:
    good = read_authored(Settings, {"services": {"web": {"provider": "flyy"}}})
    for broken in ("peple: x\n", "zone: UTC\n", b"\xff", "a: *b\n"):
        loaded = load_policy(settings(checkout, broken), last_good=written_json(good))
        assert not any(said.startswith("`services.web") for said in loaded.trouble[:1])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("people:\n  CEO: @ann\n", "Put this text in quotes; a login stands there without the @."),
        ("status_page: a: b\n", "or put a text with a colon in quotes."),
        ("people:\n  A: [a]\n B: [b]\n", "Indent this line like those that it belongs to,"),
        ("people:\n\tA: [a]\n", "Indent with blanks, not with a tab."),
        ("people:\n  A: [a]\n\tB: [b]\n", "Indent with blanks, not with a tab."),
        ("people:\n  A: [a\n", "Close the bracket that line 2 opens."),
        ("zone: UTC\nrunbook: 'hotdash\n", "Close the quote that line 2 opens."),
        ('zone: "\\q"\n', "Put this text in single quotes, where a backslash is one."),
        ("zone: }\n", "Put this text in quotes, or look for a bracket too many."),
    ],
)
def test_what_is_no_yaml_is_told_with_what_to_do(checkout: Path, text: str, hint: str) -> None:
    assert hint in trouble(checkout, text)


def test_a_name_that_may_not_stand_there_and_an_empty_list_are_told_in_plain_words(checkout: Path) -> None:
    told = trouble(checkout, "actions:\n  Restart!:\n    title: x\n    run: []\n")
    assert "line 2: `actions.Restart!`: write lower-case letters, digits and hyphens" in told
    assert "line 4: `actions.Restart!.run`: write one at least." in told


def test_a_misspelt_name_is_not_told_of_as_missing_as_well(checkout: Path) -> None:
    text = HOTDASH.replace("name: hotdash", "name: own").replace("    response: 5m", "    respons: 5m", 1)
    told = own(checkout, text)
    assert "`respons` is not a part of a runbook; did you mean `response`?" in told
    assert "is missing" not in told


def test_every_contradiction_of_a_runbook_is_told_with_its_line(checkout: Path) -> None:
    text = HOTDASH.replace("name: hotdash", "name: own\nzone: Mars/Base")
    text = text.replace("default_severity: P2", "default_severity: P7").replace("for: P0", "for: P8")
    told = own(checkout, text)
    assert "line 3: `zone`: 'Mars/Base' is not an IANA time zone" in told
    assert "line 5: `default_severity`: no severity 'P7'" in told
    assert "`chains.ceo.for.1`: no severity 'P8'" in told


def test_the_zone_of_the_settings_is_that_of_the_office_hours_too(checkout: Path) -> None:
    there = load_policy(settings(checkout, "zone: Asia/Tokyo\n"))
    plain = load_policy(settings(checkout, ""))
    assert (there.runbook.times.zone.key, plain.runbook.times.zone.key) == ("Asia/Tokyo", "UTC")
    assert (there.trouble, there.runbook.hash == plain.runbook.hash) == ((), False)
