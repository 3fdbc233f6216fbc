"""Answers of lists that are asked for often: as JSON at once, without a model in between.

The model stands in the route's `response_model`, for the description; a test holds the answers to it. Building a model
of each row and reading it out again costs more than the query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Response
from pydantic_core import to_json

from foundation.paging import LONGEST_CURSOR

Cursor = Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")]


def answer(content: Mapping[str, object], media_type: str = "application/json") -> Response:
    return Response(to_json(content), media_type=media_type)
