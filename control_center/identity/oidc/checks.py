"""What `vedette doctor` looks at when single sign-on is set up."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.doctor import Finding, Verdict
from foundation.settings import Settings

_NAME = "sign-in provider"


def check_sign_in_provider(settings: Settings) -> Iterator[Finding]:
    oidc = settings.identity.oidc
    if oidc.issuer is None:
        return
    import asyncio

    from control_center.identity.oidc.provider import Metadata, Provider, read_secret
    from control_center.identity.oidc.refusal import SignInRefused
    from foundation.clock import SYSTEM_CLOCK

    if oidc.client_secret_file is not None:
        read_secret(oidc.client_secret_file)
    if settings.api.public_url is None:
        yield Finding(_NAME, Verdict.WARNING, "api.public_url is empty: it works on this machine alone.", "Set it.")

    async def asked() -> tuple[Metadata, int]:
        provider = Provider(oidc, SYSTEM_CLOCK)
        async with provider.conversation():
            return await provider.metadata(), len((await provider.keys()).keys)

    try:
        found, keys = asyncio.run(asked())
    except SignInRefused as refused:
        yield Finding(_NAME, Verdict.FAULT, f"{oidc.issuer}: {_SAID.get(refused.cause, refused.cause)}.", _MEND)
        return
    if not keys:
        yield Finding(_NAME, Verdict.FAULT, f"{oidc.issuer}: it shows no key that signs.", _MEND)
    elif "S256" not in (found.code_challenge_methods_supported or []):
        yield Finding(_NAME, Verdict.WARNING, f"{oidc.issuer} does not announce PKCE S256.", "Switch it on there.")
    else:
        yield Finding(_NAME, Verdict.OK, f"{oidc.issuer} answers, with {keys} key{'s' * (keys > 1)}")


_MEND = "Check identity.oidc, the way there, and the provider itself; the log has more."
_SAID = {
    "issuer": "it calls itself by another name",
    "no_answer": "it does not answer",
    "too_slow": "it does not answer in time",
    "bad_status": "it has no discovery document there",
    "bad_document": "its discovery document cannot be read",
    "foreign_address": "it names addresses on other hosts (identity.oidc.hosts), or without https",
    "bad_keys": "its keys cannot be read",
}
