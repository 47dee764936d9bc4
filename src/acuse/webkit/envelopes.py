"""The shapes in which a router tells its errors: one body and one table of statuses per family of endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acuse.kernel.errors import AppError, Conflict, Refused, Unreadable

Body = Callable[[AppError, int], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """How a family of endpoints answers a fault.

    `body` makes the JSON from the error and its status. `statuses` overrides the tree's own status for a
    class and all below it; the nearest class wins. `schema` is what `body` makes, as the API's description shows it.
    """

    body: Body
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    statuses: Mapping[type[AppError], int] = field(default_factory=dict)

    def status(self, error: AppError) -> int:
        """Answer the HTTP status of this error in this family."""
        for kind in type(error).__mro__:
            if kind in self.statuses:
                return self.statuses[kind]
            if "http_status" in vars(kind):
                return error.http_status
        return error.http_status


def _plain(error: AppError, _status: int) -> dict[str, Any]:
    return {"error": error.code, "message": error.text, "details": error.details}


def _fields(error: AppError, _status: int) -> dict[str, Any]:
    body: dict[str, Any] = {"error": error.code, "message": error.text}
    fields = error.details.get("fields")
    if isinstance(fields, Mapping) and fields:
        body["errors"] = [{"campo": name, "problema": problem} for name, problem in fields.items()]
    return body


_TEXT = {"type": "string"}
_FIELD = {"type": "object", "properties": {"campo": _TEXT, "problema": _TEXT}, "required": ["campo", "problema"]}

SAT_ENVELOPE = Envelope(
    body=_plain,
    schema={
        "title": "Error",
        "type": "object",
        "properties": {"error": _TEXT, "message": _TEXT, "details": {"type": "object"}},
        "required": ["error", "message", "details"],
    },
)
"""`{"error": CODE, "message", "details"}`: the shape of everything of ours."""

CRS_ENVELOPE = Envelope(
    body=_fields,
    statuses={Conflict: 400, Refused: 400, Unreadable: 500},
    schema={
        "title": "ErrorConCampos",
        "type": "object",
        "properties": {"error": _TEXT, "message": _TEXT, "errors": {"type": "array", "items": _FIELD}},
        "required": ["error", "message"],
    },
)
"""`{"error": CODE, "message", "errors": [{"campo", "problema"}]?}`: accounts and fiscal controllers."""
