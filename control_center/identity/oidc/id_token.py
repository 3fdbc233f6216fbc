"""The ID token: who the provider says has signed in, checked as OpenID Connect Core 1.0, section 3.1.3.7, has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from control_center.identity.oidc.refusal import refused
from foundation.clock import US_PER_S

# Signatures with a key pair alone: never none, never a secret that both sides know. EdDSA has two names (RFC 9864).
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
_LEEWAY_S = 60
_LONGEST_SUBJECT = 255


class _Registry(JWSRegistry):
    def get_alg(self, name: str) -> Any:
        """As in joserfc, without its warning of the name EdDSA, which providers still use for the same signature."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[name]


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


async def verified(token: str, keys: Callable[..., Awaitable[KeySet]]) -> dict[str, Any]:
    """The claims, when one of the provider's keys signed them. A key unknown is looked for once more: keys change."""
    try:
        return _decoded(token, await keys())
    except InvalidKeyIdError:
        pass
    try:
        return _decoded(token, await keys(anew=True))
    except InvalidKeyIdError as error:
        raise refused("unknown_key") from error


def check_claims(
    claims: dict[str, Any], *, issuer: str, client_id: str, nonce: str, begun_us: int, now_us: int
) -> None:
    """Raise unless the token is the provider's, for us, for this sign-in and in force; and the person has just shown
    the provider who they are."""
    now_s = now_us // US_PER_S
    registry = jwt.JWTClaimsRegistry(
        now=now_s,
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except ClaimError as error:
        raise refused(f"claim_{error.claim}") from error
    if claims.get("nonce") != nonce:
        raise refused("claim_nonce")
    if claims.get("azp", client_id) != client_id or (_several(claims["aud"]) and "azp" not in claims):
        raise refused("claim_azp")
    if not claims["sub"].isascii() or not claims["sub"].isprintable() or len(claims["sub"]) > _LONGEST_SUBJECT:
        raise refused("claim_sub")
    shown_s = claims.get("auth_time")
    if not isinstance(shown_s, int | float) or not shown_s >= begun_us // US_PER_S - _LEEWAY_S:  # NaN is a float
        raise refused("claim_auth_time")


def _decoded(token: str, keys: KeySet) -> dict[str, Any]:
    try:
        return jwt.decode(token, keys, registry=_REGISTRY).claims
    except InvalidKeyIdError:
        raise
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise refused("id_token") from error


def _several(audience: object) -> bool:
    return isinstance(audience, list) and len(audience) > 1


def user_name(claim: str, *sources: Mapping[str, Any]) -> str | None:
    """The user name here, as the first of the sources that has the claim says it."""
    found = next((source[claim] for source in sources if claim in source), None)
    # Letters of other scripts become ours when they are made small: U+212A is a K.
    return found if isinstance(found, str) and found.isascii() else None
