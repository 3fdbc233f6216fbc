"""What a body says of why somebody asks; whether it must, the policy decides (`control_center.access_policy`)."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Why(BaseModel):
    """A reason, and the number of a case."""

    reason: str | None = Field(None, max_length=1000)
    case_number: str | None = Field(None, max_length=200)
