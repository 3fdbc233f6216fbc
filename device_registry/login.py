"""How somebody signs in at a camera. It is apart from where it is kept, for who asks a device needs no database."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str = field(repr=False)
