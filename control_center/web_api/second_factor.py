"""`/session/second-factor`: one's own second factor; and an administrator's reset of somebody else's."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from control_center.identity import second_factor, totp
from control_center.web_api.context import Administrator, Context, Person, RowId, authority_of, end_media
from foundation.database import transaction

router = APIRouter(tags=["second factor"])


class PasswordProof(BaseModel):
    password: str = Field(max_length=1024)


class FirstCode(BaseModel):
    code: str = Field(max_length=64)


class BothProofs(BaseModel):
    password: str = Field(max_length=1024)
    code: str = Field(max_length=64, description="Of the authenticator, or one of the recovery codes.")


class NewSecret(BaseModel):
    secret: str = Field(description="Base32, to type in.")
    uri: str = Field(description="`otpauth://`, for a QR code.")


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(description="Each works once in place of a code. They are not shown again.")


@router.post("/session/second-factor")
def begin(body: PasswordProof, principal: Person, context: Context) -> NewSecret:
    """A secret for an authenticator. It is not asked for before its first code came back."""
    secret = second_factor.begin(context.entrance, principal, body.password)
    return NewSecret(secret=totp.as_base32(secret), uri=totp.provisioning_uri(secret, principal.username))


@router.post("/session/second-factor/confirm")
def confirm(body: FirstCode, principal: Person, context: Context) -> RecoveryCodes:
    """Put it in force. Other sessions of the account end."""
    codes = second_factor.confirm(context.entrance, principal, body.code)
    end_media(context, account_ids=[principal.account_id])
    return RecoveryCodes(recovery_codes=codes)


@router.post("/session/second-factor/remove", status_code=204)
def remove(body: BothProofs, principal: Person, context: Context) -> None:
    second_factor.remove(context.entrance, principal, body.password, body.code)


@router.delete("/accounts/{account_id}/second-factor", status_code=204)
def reset(account_id: RowId, principal: Administrator, context: Context) -> None:
    """For somebody who has lost it. Their sessions end."""
    authority = authority_of(principal, context)
    with transaction(context.stores.core) as session:
        second_factor.reset(session, authority, context.clock, authority.find(session, account_id))
    end_media(context, account_ids=[account_id])
