"""PyGithub and requests are imported without what Allclear never asks of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from github import Auth, Github
from github.Requester import Requester

from allclear.adapters.github.client import requester_for

ROOT = Path(__file__).resolve().parents[3]


def told(code: str) -> list[str]:
    """What a fresh Python says that imports the client first."""
    begin = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); import allclear.adapters.github.client\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", begin + code], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.splitlines()


def test_a_client_loads_no_cryptography() -> None:
    unused = "{'jwt', 'nacl', 'cryptography', 'cffi', '_cffi_backend'}"
    assert told(f"print(sorted({unused} & sys.modules.keys()))") == ["[]"]


def test_a_client_loads_of_pygithub_and_requests_what_it_speaks_through() -> None:
    said = told(
        "print(*(name for name in sorted(sys.modules) if name.startswith('github.')))\n"
        "print({'idna.idnadata', 'charset_normalizer.md', 'importlib.metadata'} & sys.modules.keys())"
    )
    parts = (
        "AccessToken",
        "ApplicationOAuth",
        "Auth",
        "Consts",
        "GithubException",
        "GithubObject",
        "Requester",
    )
    assert said == [" ".join(f"github.{part}" for part in parts), "set()"]


@pytest.mark.parametrize("package", ["charset_normalizer", "github", "idna", "urllib3.http2"])
def test_whoever_asks_a_package_for_more_finds_all_of_it(package: str) -> None:
    names = (
        f"import {package}, types; getattr({package}, 'nothing', 0); "
        f"print(*sorted(name for name, one in vars({package}).items() if not name.startswith('__') "
        "and not isinstance(one, types.ModuleType)))"
    )
    usual = subprocess.run(
        [sys.executable, "-c", names], capture_output=True, text=True, timeout=60, check=True
    ).stdout.splitlines()
    assert told(names) == usual != [""]


def test_whoever_asks_requests_for_what_waits_gets_its_answer() -> None:
    said = told(
        "import requests\n"
        "print(requests.Request('GET', 'https://b\\u00fccher.example/').prepare().url)\n"
        "answer = requests.Response(); answer._content = b'all plain words'\n"
        "print(answer.apparent_encoding)"
    )
    assert said == ["https://xn--bcher-kva.example/", "ascii"]


def test_whoever_asks_pygithub_for_its_client_gets_it() -> None:
    said = told(
        "import github, github.GithubException as errors\n"
        "print(github.Github(auth=github.Auth.Token('t')).requester.base_url)\n"
        "print(isinstance(github.UnknownObjectException(404), github.GithubException))\n"
        "print(errors is github.GithubException)"
    )
    assert said == ["https://api.github.com", "True", "True"]


def test_importing_the_client_warns_of_nothing() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); import allclear.adapters.github.client"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_requester_is_the_one_that_pygithub_would_make() -> None:
    auth = Auth.Token("t")
    usual = Github(
        base_url="https://ghe.example/api/v3",
        auth=auth,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        timeout=7,
        lazy=True,
    ).requester
    ours = requester_for("https://ghe.example/api/v3", auth, 7)
    assert isinstance(ours, Requester)
    assert ours.kwargs == usual.kwargs


def test_whoever_imports_the_packages_afterwards_gets_the_real_ones() -> None:
    said = told("import jwt, nacl.public; print(jwt.__file__ is not None, nacl.public.SealedBox.__name__)")
    assert said == ["True SealedBox"]


def test_pygithub_itself_finds_the_real_ones_when_it_uses_them() -> None:
    said = told(
        "from github import Auth, PublicKey\n"
        "print(Auth.AppAuth.create_jwt_sign('k' * 32, 'HS256')({}).count('.'))\n"
        "print(PublicKey.encoding.Base64Encoder.__module__, PublicKey.public.SealedBox.__module__)"
    )
    assert said == ["2", "nacl.encoding nacl.public"]


def test_where_a_package_is_not_there_its_use_names_it() -> None:
    said = told(
        "from github import Auth\n"
        "sys.modules['jwt'] = None\n"
        "try:\n    Auth.jwt.encode({})\nexcept ModuleNotFoundError as error:\n    print(error.name)"
    )
    assert said == ["jwt"]


def test_what_is_loaded_already_stays() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); import jwt\n"
        "import allclear.adapters.github.client\n"
        "from github import Auth; print(Auth.jwt is jwt is sys.modules['jwt'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "True\n"
