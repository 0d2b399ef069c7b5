"""A real server on loopback that says exactly the bytes a test gives it, in plain text or TLS."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Says = bytes | Iterable[bytes] | Callable[[bytes], bytes | Iterable[bytes]]
"""What is answered: bytes, pieces of them (for ever, if the test likes), or what is made of the request."""


@dataclass
class Answering:
    """What a test sees of the server."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    sent: int = 0

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


def plain(body: bytes = b"fine", status: str = "200 OK", *headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def answering(says: Says, *, tls: ssl.SSLContext | None = None) -> Iterator[Answering]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        seen = Answering(listening.getsockname()[1])
        over = threading.Event()
        threads: list[threading.Thread] = []

        def serve() -> None:
            while not over.is_set():
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                seen.connections += 1
                thread = threading.Thread(target=_talk, args=(caller, says, tls, seen, over), daemon=True)
                threads.append(thread)
                thread.start()

        accepting = threading.Thread(target=serve, daemon=True)
        accepting.start()
        try:
            yield seen
        finally:
            over.set()
            # accept() in another thread is not woken by close() alone.
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(10)


def _talk(
    caller: socket.socket, says: Says, tls: ssl.SSLContext | None, seen: Answering, over: threading.Event
) -> None:
    caller.settimeout(5)
    with contextlib.suppress(OSError), caller:
        talk = tls.wrap_socket(caller, server_side=True) if tls else caller
        with talk:
            request = _request(talk)
            seen.requests.append(request)
            said = says(request) if callable(says) else says
            for piece in (said,) if isinstance(said, bytes) else said:
                if over.is_set():
                    return
                talk.sendall(piece)
                seen.sent += len(piece)


def _request(talk: socket.socket) -> bytes:
    """Head and body of a request; the body by its Content-Length. What is no HTTP is not waited for."""
    read = b""
    while b"\r\n\r\n" not in read and (not read or read[:1].isalpha()) and (piece := talk.recv(65536)):
        read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length and (piece := talk.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Authority:
    """Signs certificates; ``trusted`` is what a client trusts that trusts it."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    root: x509.Certificate

    @classmethod
    def found(cls, folder: Path) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A root for tests")])
        root = _signed(name, name, key.public_key(), key, authority=True, days=365)
        return cls(folder, key, root)

    @cached_property
    def trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=self.root.public_bytes(serialization.Encoding.PEM).decode())
        return context

    def serves(self, host: str, *, days: int = 30, by_itself: bool = False) -> ssl.SSLContext:
        """A server that is ``host``, for so many days (past ones are expired)."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        issuer, signs = (name, key) if by_itself else (self.root.subject, self.key)
        made = _signed(name, issuer, key.public_key(), signs, authority=False, days=days)
        file = self.folder / f"{host}-{days}-{by_itself}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _signed(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    signs: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
    days: int,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    host = str(name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
    # Everything that Python 3.13's strict check wants of a chain (VERIFY_X509_STRICT).
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=400))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()), critical=False)
        .add_extension(_usage(authority=authority), critical=True)
    )
    if not authority:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return made.sign(signs, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
