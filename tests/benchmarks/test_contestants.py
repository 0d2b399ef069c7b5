"""Programs to compare, as a runner starts them."""

import sys
from pathlib import Path

import pytest
from contestants import COMMENT, OURS, PEERS, contestant, door, filled, given_as, state_of
from delaying_proxy import Asked
from peers import VALUES, Options, absent, named, options_of, programs
from run import asked_for

ACTION = """\
inputs:
  token: { default: "${{ github.token }}" }
  status: { default: "${{ job.status }}" }
  reactions: { default: true }
  limit: { default: 60 }
  command: { required: true }
  two words: { default: x }
runs: { using: node24, main: dist/index.js, post: dist/index.js }
"""
GIVEN = {"github.token": "ghs_1", "github.repository": "acme/shop", "job.status": "success", "personal": "p"}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "action.yml").write_text(ACTION)
    file = tmp_path / "dist" / "index.js"
    file.parent.mkdir()
    file.write_text("")
    return file


def test_defaults_of_an_action_are_given_as_the_runner_gives_them(built: Path) -> None:
    found = contestant(PEERS[0], "node", built, GIVEN)
    assert found.env == {
        "INPUT_TOKEN": "ghs_1",
        "INPUT_STATUS": "success",
        "INPUT_REACTIONS": "true",
        "INPUT_LIMIT": "60",
        "INPUT_COMMAND": "/",
        "INPUT_TWO_WORDS": "x",
        "INPUT_ALLOWED_CONTEXTS": "issue",
    }


def test_main_and_post_steps_are_run_by_the_node_that_was_named(built: Path) -> None:
    found = contestant(PEERS[0], "node24", built, GIVEN)
    assert found.steps == (("node24", str(built.resolve())),) * 2
    assert len(found.digest) == 12


def test_a_peer_that_wants_a_personal_token_gets_one(built: Path) -> None:
    (dispatch,) = [peer for peer in PEERS if peer.personal]
    assert contestant(dispatch, "node", built, GIVEN).env["INPUT_TOKEN"] == "p"


def test_a_file_that_is_missing_is_named(tmp_path: Path, built: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere.js is not there"):
        contestant(PEERS[0], "node", tmp_path / "nowhere.js", GIVEN)
    (tmp_path / "action.yml").unlink()
    with pytest.raises(FileNotFoundError, match=r"no action\.yml"):
        contestant(PEERS[0], "node", built, GIVEN)


def test_an_expression_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("${{ secrets.TOKEN }}", GIVEN)


def test_inputs_keep_their_hyphens() -> None:
    assert given_as({"issue-type": "both"}) == {"INPUT_ISSUE-TYPE": "both"}


def test_state_of_the_main_step_is_read_in_both_forms() -> None:
    file = "plain=a=b\nlong<<END\none\n\ntwo\nEND\nempty<<END\nEND\n"
    assert state_of(file) == {"STATE_plain": "a=b", "STATE_long": "one\n\ntwo", "STATE_empty": ""}


def test_a_script_is_a_door_for_this_python_and_a_command_line_is_taken_as_it_is(tmp_path: Path) -> None:
    script = tmp_path / "respond.py"
    assert door(str(script)).steps == ((sys.executable, str(script)),)
    assert door("python3 -S 'a b/launcher.py' respond").steps == (
        ("python3", "-S", "a b/launcher.py", "respond"),
    )


def test_a_page_names_no_folders_of_the_machine() -> None:
    assert named("/usr/bin/python3 -S /some/where/launcher.py respond") == "python3 -S launcher.py respond"


def test_only_answered_replies_are_a_sign() -> None:
    ours = door("respond.py")
    reply, refused, read = (
        Asked(method, "/repos/acme/shop/issues/7/comments?x=1", status, 0, 0)
        for method, status in (("POST", 201), ("POST", 403), ("GET", 200))
    )
    other = Asked("POST", "/repos/acme/shop/issues/7/labels", 200, 0, 0)
    assert ours.signs([refused, read, other, reply]) == [reply]
    assert ours.did([reply])
    assert not ours.did([refused, read, other])
    assert ours.sign == COMMENT


# -- options


def test_peers_that_are_not_given_are_left_out_with_the_option_that_gives_them(built: Path) -> None:
    options = Options(node=sys.executable, built=(("command", str(built)),))
    found, missing = programs(options, dict.fromkeys(VALUES, ""))
    assert list(found) == [OURS, "github/command"]
    assert missing == [
        "slash-command-dispatch: not given (`--dispatch DIR/dist/index.js`)",
        "branch-deploy: not given (`--deploy DIR/dist/index.js`)",
    ]
    assert absent(options) == ""


def test_without_node_nothing_is_measured_and_it_is_said_why() -> None:
    assert absent(Options(node="no-such-node")) == "every peer: no-such-node is not there (`--node`)"
    assert "--command DIR/dist/index.js" in absent(Options(node=sys.executable))


def test_options_are_given_on_the_command_line() -> None:
    paths = ["--command", "c.js", "--deploy", "d.js", "--node", "n", "--door", "respond.py"]
    words = ["peers", *paths, "--rounds", "3", "--write"]
    given = asked_for(words)
    built = (("command", "c.js"), ("dispatch", ""), ("deploy", "d.js"))
    assert options_of(given) == Options("respond.py", "n", built, 3)
    assert (given.part, given.write) == (["peers"], True)


def test_the_door_of_this_checkout_is_the_one_measured_unless_another_is_named() -> None:
    assert Path(options_of(asked_for([])).door).is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [(["pears"], "no such part: pears"), (["peers", "--rounds", "0"], "0 is no number of rounds")],
    ids=["a part", "rounds"],
)
def test_what_there_is_not_is_said(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked_for(words)
    assert said in capsys.readouterr().err
