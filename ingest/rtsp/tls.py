"""TLS for the connection to a device (`rtsps://`): bytes in, bytes out, and a fingerprint instead of an authority.

OpenSSL works on memory here and never on the socket, so an encrypted stream too is read in bulk on the timer, and all
that a read brought is decrypted at once: nothing waits inside the layer but the beginning of a record.

Cameras sign their own certificates. None is checked against an authority; its SHA-256 is what can be pinned.
"""

from __future__ import annotations

import hashlib
import ssl
from functools import cache

from foundation.errors import StreamRefused

_RECORD_BYTES = 16 << 10  # the most that one read of OpenSSL gives


class TlsLayer:
    def __init__(self, host: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = _context().wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    def shake_hands(self, received: bytes = b"") -> bool:
        """Whether the handshake is through. Before and after, what `outgoing` gives is to be sent."""
        self._incoming.write(received)
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the device's certificate."""
        return hashlib.sha256(self._object.getpeercert(binary_form=True) or b"").hexdigest()

    def encrypt(self, data: bytes) -> bytes:
        self._object.write(data)
        return self._outgoing.read()

    def decrypt(self, data: bytes) -> bytes:
        self._incoming.write(data)
        parts = []
        try:
            while part := self._object.read(_RECORD_BYTES):
                parts.append(part)
        except ssl.SSLWantReadError:
            pass
        return b"".join(parts)

    def outgoing(self) -> bytes:
        """What the layer itself has to say: its part of the handshake, answers to new keys, alerts."""
        return self._outgoing.read()


@cache
def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def tls_reason(error: OSError) -> str:
    """OpenSSL's word for what went wrong, without its codes."""
    reason = getattr(error, "reason", None) or error.strerror or type(error).__name__
    return str(reason).replace("_", " ").lower()


def check_pin(seen: str, pinned: str | None, peer: str) -> None:
    if pinned is not None and seen != pinned:
        raise StreamRefused(
            f"the device's certificate is not the one that was pinned; its SHA-256 is {seen}.",
            where=peer,
            mend="Find out why. If the device was replaced or reset, pin its new certificate.",
        )
