"""The API's own description, /openapi.json, made truthful: validation is 400 in our envelope, never a 422."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

_UNTRUE_SCHEMAS = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Replace `app.openapi` by one without pages and without FastAPI's own 422, which no endpoint answers."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        schema = original()
        for path in [path for path in schema.get("paths", {}) if path == "/app" or path.startswith("/app/")]:
            del schema["paths"][path]
        for operations in schema.get("paths", {}).values():
            for operation in operations.values():
                _without_422(operation)
        for name in _UNTRUE_SCHEMAS:
            schema.get("components", {}).get("schemas", {}).pop(name, None)
        return schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way


def _without_422(operation: Any) -> None:
    if not isinstance(operation, dict):
        return
    answer = operation.get("responses", {}).get("422", {})
    shape = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    if shape.endswith("/HTTPValidationError"):
        operation["responses"].pop("422")
