"""The provider's public keys (RFC 7517): those that may sign an ID token, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey, RSAKey

from control_center.identity.oidc.refusal import unreachable

_LARGEST_SET = 64
_KINDS = {"RSA", "EC", "OKP"}  # no "oct": a secret that both sides know signs nothing here
_LEAST_MODULUS_LETTERS = 2048 // 6


def public_keys(document: Mapping[str, Any]) -> KeySet:
    """A key that cannot be used is left out, or one of a kind yet to come would lock everybody out."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise unreachable("bad_keys")
    return KeySet([key for each in listed[:_LARGEST_SET] if (key := _key(each)) is not None])


def _key(data: Any) -> RSAKey | ECKey | OKPKey | None:
    if not isinstance(data, dict) or data.get("kty") not in _KINDS or data.get("use", "sig") != "sig":
        return None
    if data["kty"] == "RSA" and len(str(data.get("n", ""))) < _LEAST_MODULUS_LETTERS:
        return None
    try:
        key = JWKRegistry.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None
