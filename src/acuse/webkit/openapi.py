"""The API's own description, /openapi.json, made truthful: no pages, no 422, and which calls need a token."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from acuse.webkit.openapi_errors import error_answers, schema_name
from acuse.webkit.routes import EnvelopeRoute, every_route, is_open

_UNTRUE_SCHEMAS = ("HTTPValidationError", "ValidationError")
_BEARER = {"type": "http", "scheme": "bearer", "description": "Token de acceso o token de API."}


def describe(app: FastAPI) -> None:
    """Replace `app.openapi` by one without pages and without FastAPI's own 422, which no endpoint answers.

    Every operation asks for the bearer token, but for endpoints marked as open to all.
    """
    original = app.openapi

    def openapi() -> dict[str, Any]:
        schema = original()
        if "security" in schema:
            return schema  # FastAPI keeps the object: it was told before
        paths = schema.get("paths", {})
        for path in [path for path in paths if path == "/app" or path.startswith("/app/")]:
            del paths[path]
        for operations in paths.values():
            for operation in operations.values():
                _without_422(operation)
        components = schema.setdefault("components", {})
        for name in _UNTRUE_SCHEMAS:
            components.get("schemas", {}).pop(name, None)
        _tell_errors(app, paths, components.setdefault("schemas", {}))
        components["securitySchemes"] = {"bearer": _BEARER}
        schema["security"] = [{"bearer": []}]
        _open_some(app, paths)
        return schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way


def _open_some(app: FastAPI, paths: dict[str, Any]) -> None:
    for route in every_route(app):
        if route.endpoint is None or not is_open(route.endpoint):
            continue
        for method in route.methods or ():
            operation = paths.get(route.path_format or "", {}).get(method.lower())
            if operation is not None:
                operation["security"] = []


def _tell_errors(app: FastAPI, paths: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Add to every operation the errors it may answer, in the envelope of its router."""
    for route in every_route(app):
        if not isinstance(route.route, EnvelopeRoute) or route.endpoint is None:
            continue
        envelope = route.route.envelope
        for method in route.methods or ():
            operation = paths.get(route.path_format or "", {}).get(method.lower())
            if operation is not None:
                schemas.setdefault(schema_name(envelope), dict(envelope.schema))
                answers = error_answers(envelope, guarded=not is_open(route.endpoint))
                operation["responses"] = {**answers, **operation["responses"]}


def _without_422(operation: Any) -> None:
    if not isinstance(operation, dict):
        return
    answer = operation.get("responses", {}).get("422", {})
    shape = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    if shape.endswith("/HTTPValidationError"):
        operation["responses"].pop("422")
