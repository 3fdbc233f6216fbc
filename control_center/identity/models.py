"""The tables of identity, in the store *core*."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import CoreBase, OriginColumns


class Account(OriginColumns, CoreBase):
    """A person who signs in. Its `center_id` is the center it works for: it sees that one and all below."""

    __tablename__ = "account"

    username: Mapped[str] = mapped_column(String(64), unique=True, comment="name to sign in with, in lower case")
    display_name: Mapped[str] = mapped_column(String(128), comment="the person's name, as shown")
    role: Mapped[str] = mapped_column(String(16), comment="viewer or operator")
    password_hash: Mapped[str | None] = mapped_column(String(255), comment="Argon2id; null before the first is issued")
    password_state: Mapped[str] = mapped_column(String(16), comment="none, one_time, consumed or own")
    password_us: Mapped[int | None] = mapped_column(comment="when that password was issued or set, UTC microseconds")
    failures: Mapped[int] = mapped_column(Integer, comment="wrong passwords since the last right one or lock-out")
    locked_until_us: Mapped[int] = mapped_column(comment="nobody signs in before, UTC microseconds")
    disabled_us: Mapped[int | None] = mapped_column(comment="when the account was closed; null while in use")
    created_us: Mapped[int] = mapped_column(comment="when the account was made, UTC microseconds")


class AccountSession(CoreBase):
    """Somebody signed in. The token itself is only in the browser."""

    __tablename__ = "account_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 of the token, hex")
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True, comment="who")
    created_us: Mapped[int] = mapped_column(comment="when signed in, UTC microseconds")
    expires_us: Mapped[int] = mapped_column(index=True, comment="end of the session, UTC microseconds")
