"""Which URLs may be asked, and which addresses connected to (E16, I9)."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from allclear.core.model.neutral import JOINER
from allclear.core.policy.address import LONGEST, Hosts, RefusedError, Target, usable
from allclear.core.policy.settings import Settings

HOSTS = Hosts.of(
    ["app.example.com", "API.example.com:8443", "xn--bcher-kva.example", "93.184.216.34", "[2606:2800::1]"],
    ["10.0.0.5", "db.internal:8080", "::1", "[fd00::2]:9000"],
)


def refused(url: str, base: Target | None = None, hosts: Hosts = HOSTS) -> str:
    with pytest.raises(RefusedError) as error:
        hosts.target(url, base=base)
    said = str(error.value)
    assert len(said) <= 120
    assert said.replace(JOINER, "").isprintable()
    return said


@pytest.mark.parametrize(
    ("url", "scheme", "host", "port", "path", "private"),
    [
        ("https://app.example.com", "https", "app.example.com", 443, "/", False),
        (
            "HTTPS://APP.Example.com:443/health?a=1&b=2#top",
            "https",
            "app.example.com",
            443,
            "/health?a=1&b=2",
            False,
        ),
        ("https://app.example.com?x=1", "https", "app.example.com", 443, "/?x=1", False),
        ("https://app.example.com#top", "https", "app.example.com", 443, "/", False),
        ("https://app.example.com/a%20b/é", "https", "app.example.com", 443, "/a%20b/%C3%A9", False),
        ("https://api.example.com:8443/", "https", "api.example.com", 8443, "/", False),
        ("https://Bücher.example/", "https", "xn--bcher-kva.example", 443, "/", False),
        ("https://93.184.216.34/", "https", "93.184.216.34", 443, "/", False),
        ("https://[2606:2800:0::1]/", "https", "2606:2800::1", 443, "/", False),
        ("http://10.0.0.5/", "http", "10.0.0.5", 80, "/", True),
        ("https://10.0.0.5:9/", "https", "10.0.0.5", 9, "/", True),
        ("http://db.internal:8080/", "http", "db.internal", 8080, "/", True),
        ("http://[::1]:3000/", "http", "::1", 3000, "/", True),
        ("http://[FD00:0::2]:9000/", "http", "fd00::2", 9000, "/", True),
    ],
)
def test_a_listed_host_may_be_asked(
    url: str, scheme: str, host: str, port: int, path: str, private: bool
) -> None:
    target = HOSTS.target(url)
    assert (target.scheme, target.host, target.port, target.path, target.private) == (
        scheme,
        host,
        port,
        path,
        private,
    )
    assert HOSTS.target(target.url) == target
    assert target.origin == (scheme, host, port)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (
            "https://other.example.com/",
            "its host is not listed; add other.example.com to hosts in the settings",
        ),
        (
            "https://app.example.com:8443/",
            "its port is not listed; add app.example.com:8443 to hosts in the settings",
        ),
        ("https://api.example.com/", "its host is not listed; add api.example.com to hosts in the settings"),
        ("http://app.example.com/", "it has to begin with https; only private_hosts may use http"),
        ("http://db.internal/", "it has to begin with https; only private_hosts may use http"),
        ("https://127.0.0.1/", "it is an IP address that is not listed in the settings"),
        ("https://[::2]/", "it is an IP address that is not listed in the settings"),
        ("https://127.1/", "it names no host that could be looked up"),
        ("https://[::1%25lo]/", "it names no host that could be looked up"),
        ("https://[::1%1]/", "it names no host that could be looked up"),
        ("https://[1.2.3.4]/", "it names no host that could be looked up"),
        ("https://" + "ü" * 70 + ".example/", "it names no host that could be looked up"),
        ("https://" + "a." * 130 + "example/", "it names no host that could be looked up"),
        ("https:///health", "it names no host that could be looked up"),
        ("https://app.example.com:0/", "its port is not a port"),
        ("https://app.example.com:65536/", "its port is not a port"),
        (
            "https://me:secret@app.example.com/",
            "it holds a user name or a password; put them into a secret and a named command",
        ),
        ("ftp://app.example.com/", "it has to begin with https, as in https://app.example.com/health"),
        ("/health", "it has to begin with https, as in https://app.example.com/health"),
    ],
)
def test_what_is_not_listed_is_refused_with_the_reason(url: str, why: str) -> None:
    assert refused(url) == why


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\t", " ", "\x00", "\x85", "\u2028", "\u202e", "\u200b", "\u3000", "\\"]
)
@pytest.mark.parametrize(
    "url", ["https://app.example.com{}/", "https://app.example.com/{}", "{}https://app.example.com/"]
)
def test_signs_that_programs_read_in_two_ways_are_refused(url: str, sign: str) -> None:
    assert "an invisible sign" in refused(url.format(sign))


def test_an_address_has_an_end() -> None:
    assert "over 2000 characters" in refused("https://app.example.com/" + "a" * LONGEST)


def test_the_host_in_a_reason_mentions_and_links_nothing() -> None:
    assert f"www{JOINER}.evil.example" in refused("https://www.evil.example/?token=hunter2")
    assert "hunter2" not in refused("https://www.evil.example/?token=hunter2")


@pytest.mark.parametrize(
    "entry",
    [
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "::1%lo",
        "[::1%lo]",
        "a..b",
        "-a.example",
        "[::1",
        "a:b",
        "::",
    ],
)
def test_a_listed_entry_that_is_no_plain_host_lists_nothing(entry: str) -> None:
    listed = Hosts.of([entry], [])
    assert listed.public <= {("[::]", None)}
    assert "looked up" in refused(f"https://{entry}/", hosts=listed) or entry == "::"


def test_the_settings_take_what_can_be_listed() -> None:
    settings = Settings(
        hosts=("app.example.com", "app.example.com:8443"), private_hosts=("[::1]:80", "10.0.0.5")
    )
    assert Hosts.of(settings.hosts, settings.private_hosts).target("http://[::1]/").private


def test_a_private_host_may_redirect_to_any_that_is_listed() -> None:
    base = HOSTS.target("http://10.0.0.5/")
    assert HOSTS.target("http://[::1]/", base=base).private
    assert not HOSTS.target("https://app.example.com/", base=base).private


@pytest.mark.parametrize(
    "to", ["http://10.0.0.5/", "https://10.0.0.5/", "http://[::1]/", "http://db.internal:8080/"]
)
def test_a_public_host_redirects_nobody_into_the_private_network(to: str) -> None:
    base = HOSTS.target("https://app.example.com/")
    assert refused(to, base) == "a public host redirects into the private network"


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"],
)
def test_a_global_address_may_be_used(address: str) -> None:
    assert usable(address, private=False)
    assert usable(address, private=True)


PRIVATE = """
127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 ::1 fc00::1 fd12::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::192.168.1.1
""".split()  # noqa: SIM905 - forty quotes would hide them


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_an_own_network_is_for_private_hosts_alone(address: str) -> None:
    assert not usable(address, private=False)
    assert usable(address, private=True)


NEVER = """
0.0.0.0 0.1.2.3 169.254.169.254 169.254.170.2 168.63.129.16 100.100.100.200 192.0.0.192 192.0.2.1 192.88.99.1
198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::7f00:1 fe80::1 fe80::1%eth0 ::1%lo fec0::1 ff02::1 100::1 5f00::1 2001::1
2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2002:808:808::1 3fff::1 fd00:ec2::254 fd00:ec2::23
fd20:ce::254 64:ff9b:1::808:808 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe ::ffff:0:8.8.8.8
127.1 0x7f000001 2130706433 0177.0.0.1 localhost [::1] nonsense
""".split()  # noqa: SIM905 - forty quotes would hide them


@pytest.mark.parametrize("address", [*NEVER, "", " 8.8.8.8", "8.8.8.8\n"])
def test_link_local_and_special_addresses_are_for_nobody(address: str) -> None:
    assert not usable(address, private=False)
    assert not usable(address, private=True)


@given(some.ip_addresses())
def test_what_python_calls_private_is_never_used_for_a_public_host(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert not usable(str(address), private=False) or address.is_global


@given(some.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://app.example.com{text}"):
        try:
            target = HOSTS.target(url)
        except RefusedError:
            continue
        assert target.host in {"app.example.com", "xn--bcher-kva.example"}
        assert target.path.isascii()
        assert target.path.startswith("/")
