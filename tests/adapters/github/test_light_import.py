"""PyGithub is imported without the cryptography that Allclear never asks of it."""

import subprocess
import sys
from pathlib import Path

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
