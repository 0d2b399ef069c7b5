"""Where smoke checks and measures may connect to: hosts that the settings list, at addresses that are
checked.

Two questions, asked one after the other: is this URL's host listed (``target``), and may this address, which
its name was resolved to, be connected to (``usable``). Special addresses as of
https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry, written out
here because what ``ipaddress.is_global`` says differs between patch releases of Python.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal

from msgspec import Struct

from allclear.core.model.neutral import cut, headline
from allclear.core.model.patterns import lazy_regex

Address = IPv4Address | IPv6Address

LONGEST = 2000
"""Characters of a URL, as in the settings."""

PORTS = {"https": 443, "http": 80}

_URL = lazy_regex(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE)
_AUTHORITY = lazy_regex(r"(\[[^\[\]]*\]|[^:\[\]]+)(?::([0-9]{1,5}))?")
_NAME = lazy_regex(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
# What inet_aton reads as an address, and browsers too: https://url.spec.whatwg.org/#ends-in-a-number-checker
_NUMBER = lazy_regex(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?")


def _blocks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ipaddress.ip_network(block) for block in text.split())


_SPECIAL = _blocks(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
    "2001::/23 2001:db8::/32 2002::/16 3fff::/20"
)
"""Not global, whatever Python says of them; of IPv6 only what lies in _GLOBAL anyway."""

_GLOBAL = IPv6Network("2000::/3")
"""All that is assigned as global: https://www.iana.org/assignments/ipv6-address-space"""

_PRIVATE = _blocks("10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7")
"""Where a private host may lie: own networks (RFC 1918, 4193, 6598) and the machine itself."""

# The second: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
_NEVER = _blocks("100.100.100.200/32 168.63.129.16/32 fd00:ec2::/32 fd20:ce::254/128")
"""Where clouds hand out credentials, beside 169.254/16: Alibaba, Azure, and by IPv6 AWS and Google."""

_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")


class WebError(Exception):
    """A request without an answer that could be judged.

    The message is short, neutral and in our words: nothing of a body, no credentials, no path, no query.
    """


class RefusedError(WebError):
    """Nobody was connected to, and why not."""


class Target(Struct, frozen=True):
    """A URL that may be asked, if its name resolves to a ``usable`` address.

    ``host``: lower case, as in a name lookup: an IPv6 address is without its brackets. ``path``: with the
    query, never empty. ``private``: it is listed as a private host.
    """

    scheme: Literal["https", "http"]
    host: str
    port: int
    path: str
    private: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """What two addresses share that may see the same headers."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The whole address again: for resolving a redirect, not for showing."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"


class Hosts(Struct, frozen=True):
    """The hosts of the settings: of names and addresses to a port, or to None for any that is usual."""

    public: frozenset[tuple[str, int | None]]
    private: frozenset[tuple[str, int | None]]

    @classmethod
    def of(cls, hosts: Iterable[str], private_hosts: Iterable[str]) -> Hosts:
        """From ``hosts`` and ``private_hosts``, each ``host`` or ``host:port``.
        An entry that is neither lists nothing.
        """
        return cls(_listed(hosts), _listed(private_hosts))

    def target(self, url: str, *, base: Target | None = None) -> Target:
        """``url`` read, or RefusedError with the reason.

        ``base``: the address that redirects to it. Nothing in the private network is reached from outside of
        it: a public host does not choose what a private one is asked.
        """
        scheme, authority, path = _parts(url)
        if "@" in authority:
            raise RefusedError(
                "it holds a user name or a password; put them into a secret and a named command"
            )
        match = _AUTHORITY.fullmatch(authority)
        host = _host(match[1]) if match else ""
        if match is None or not host:
            raise RefusedError("it names no host that could be looked up")
        port = int(match[2]) if match[2] else PORTS[scheme]
        if not 0 < port < 65536:
            raise RefusedError("its port is not a port")
        private = bool({(host, None), (host, port)} & self.private)
        if not private:
            self._public(scheme, host, port)
        elif base and not base.private:
            raise RefusedError("a public host redirects into the private network")
        return Target(scheme, host.strip("[]"), port, _path(path), private)

    def _public(self, scheme: str, host: str, port: int) -> None:
        """Refuse what is not listed."""
        if scheme != "https":
            raise RefusedError("it has to begin with https; only private_hosts may use http")
        usual = port == PORTS["https"]
        if (host, port) in self.public or (usual and (host, None) in self.public):
            return
        shown = cut(headline(host), 60)
        if (host, None) in self.public:
            raise RefusedError(f"its port is not listed; add {shown}:{port} to hosts in the settings")
        if host.startswith("[") or _NUMBER.fullmatch(host):
            raise RefusedError("it is an IP address that is not listed in the settings")
        raise RefusedError(f"its host is not listed; add {shown} to hosts in the settings")


def unambiguous(url: str) -> str:
    """``url`` itself, or RefusedError when it has signs that programs read in different ways."""
    if len(url) > LONGEST or "\\" in url or not url.isprintable() or any(sign.isspace() for sign in url):
        raise RefusedError(
            f"it has a backslash, a space or an invisible sign, or is over {LONGEST} characters"
        )
    return url


def _parts(url: str) -> tuple[Literal["https", "http"], str, str]:
    """Scheme, host with port, and path of ``url``."""
    match = _URL.fullmatch(unambiguous(url))
    if match is None:
        raise RefusedError("it has to begin with https, as in https://app.example.com/health")
    return "https" if match[1].lower() == "https" else "http", match[2], match[3]


def _path(text: str) -> str:
    """Path and query as they are sent: from a slash on, and in ASCII."""
    kept = "".join(
        sign if sign.isascii() else "".join(f"%{byte:02X}" for byte in sign.encode()) for sign in text
    )
    return kept if kept.startswith("/") else f"/{kept}"


def _host(text: str) -> str:
    """A host as it is compared: lower case, IDNA; IPv6 in brackets and its short form. Empty: it is none.

    An IPv4 address has to be written as four decimal numbers: all other spellings that some programs know
    (octal, hexadecimal, one number, missing parts) are none.
    """
    if text.startswith("["):
        try:
            return f"[{IPv6Address(text[1:-1])}]" if "%" not in text else ""
        except ValueError:
            return ""
    try:
        # Full-width digits and dots become plain ones here, before anybody looks whether it is an address.
        name = text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        return ""
    name = name.lower()
    if _NUMBER.fullmatch(name):
        try:
            return str(IPv4Address(name))
        except ValueError:
            return ""
    return name if len(name) <= 253 and _NAME.fullmatch(name) else ""


def _listed(entries: Iterable[str]) -> frozenset[tuple[str, int | None]]:
    found = set()
    for entry in entries:
        # An IPv6 address without brackets has more than one colon; nothing else has.
        match = _AUTHORITY.fullmatch(f"[{entry}]" if entry.count(":") > 1 and "[" not in entry else entry)
        host = _host(match[1]) if match else ""
        if match and host:
            found.add((host, int(match[2]) if match[2] else None))
    return frozenset(found)


def usable(address: str, *, private: bool) -> bool:
    """Whether ``address``, an answer of the name service, may be connected to.

    ``private``: for a private host, so that own networks are fine too; never link-local addresses and those
    where clouds hand out credentials. An IPv4 address inside an IPv6 one counts as itself (RFC 4291, RFC
    6052); 6to4 and Teredo lead to who knows where, and are not used.
    """
    try:
        seen: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(seen, IPv6Address):
        if seen.scope_id:
            return False
        if seen in _MAPPED or seen in _NAT64:
            seen = IPv4Address(int(seen) & 0xFFFFFFFF)
    if any(seen in block for block in _NEVER):
        return False
    if private and any(seen in block for block in _PRIVATE):
        return True
    if isinstance(seen, IPv6Address) and seen not in _GLOBAL:
        return False
    return seen.is_global and not any(seen in block for block in _SPECIAL)
