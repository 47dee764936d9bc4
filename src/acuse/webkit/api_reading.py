"""Reads the OpenAPI description into what the API page shows: groups of operations with their examples."""

from __future__ import annotations

import json
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acuse.webkit.openapi_errors import GENERAL

_METHODS = ("get", "post", "put", "patch", "delete")
_DEPTH = 6
_BY_FORMAT: Mapping[str, Any] = {
    "date": "2026-11-21",
    "date-time": "2026-11-21T08:00:00Z",
    "uuid": "8f3a2b1c-4d5e-4f70-8192-a3b4c5d6e7f0",
    "email": "alicia@example.com",
    "uri": "https://example.com/",
    "binary": "@archivo",
    "decimal": "1160.00",
}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One thing an operation takes outside its body, or one field of its body."""

    name: str
    place: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One status an operation answers, with an example of its JSON when it has one."""

    status: str
    text: str
    example: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One verb on one path, as the page shows it."""

    anchor: str
    method: str
    path: str
    caption: str
    text: str
    parameters: Sequence[Parameter]
    fields: Sequence[Parameter]
    body_example: str
    answers: Sequence[Answer]
    curl: str
    protected: bool
    deprecated: bool

    def matches(self, words: Sequence[str]) -> bool:
        """Tell whether every word occurs in the path, the caption or the text, accents aside."""
        whole = _plain(f"{self.method} {self.path} {self.caption} {self.text}")
        return all(_plain(word) in whole for word in words)


@dataclass(frozen=True, kw_only=True)
class Group:
    """The operations of one tag."""

    anchor: str
    name: str
    operations: Sequence[Operation]


def read_groups(schema: Mapping[str, Any], *, server: str, query: str = "") -> list[Group]:
    """Answer the operations by tag, in the order of the description, filtered by the words of `query`."""
    reader = _Reader(schema, server)
    found: dict[str, list[Operation]] = {}
    for path, item in schema.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                operation = reader.operation(method, path, item[method])
                if operation.matches(query.split()):
                    found.setdefault(str((item[method].get("tags") or ["General"])[0]), []).append(operation)
    return [Group(anchor=_anchor(name), name=name, operations=tuple(ops)) for name, ops in found.items()]


class _Reader:
    def __init__(self, schema: Mapping[str, Any], server: str) -> None:
        self._root = schema
        self._server = server.rstrip("/")

    def operation(self, method: str, path: str, raw: Mapping[str, Any]) -> Operation:
        body_kind, body = self._body(raw)
        example = self._media_example(body) if body_kind else None
        return Operation(
            anchor=_anchor(f"{method}-{path}"),
            method=method.upper(),
            path=path,
            caption=str(raw.get("summary") or path),
            text=str(raw.get("description", "")).strip(),
            parameters=[self._parameter(p) for p in raw.get("parameters", []) if p["in"] != "cookie"],
            fields=self._fields(body),
            body_example=_pretty(example) if body_kind == "application/json" else "",
            answers=[
                self._answer(status, answer)
                for status, answer in raw.get("responses", {}).items()
                if GENERAL not in answer
            ],
            curl=self._curl(method, path, raw, body_kind, example),
            protected=bool(raw.get("security", self._root.get("security"))),
            deprecated=bool(raw.get("deprecated")),
        )

    def _parameter(self, raw: Mapping[str, Any]) -> Parameter:
        places = {"path": "ruta", "query": "consulta", "header": "encabezado"}
        schema = self._resolve(raw.get("schema", {}))
        return Parameter(
            name=raw["name"],
            place=places.get(raw["in"], raw["in"]),
            kind=self._kind(schema),
            required=bool(raw.get("required")),
            text=str(raw.get("description") or schema.get("description", "")),
        )

    def _body(self, raw: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        content = raw.get("requestBody", {}).get("content", {})
        for kind, media in content.items():
            return str(kind), media
        return "", {}

    def _media_example(self, media: Mapping[str, Any]) -> Any:
        if "example" in media:
            return media["example"]
        for example in media.get("examples", {}).values():
            return example.get("value")
        return self._example(media.get("schema", {}))

    def _fields(self, media: Mapping[str, Any]) -> list[Parameter]:
        schema = self._resolve(media.get("schema", {}))
        required = schema.get("required", [])
        return [
            Parameter(
                name=name,
                place="cuerpo",
                kind=self._kind(self._resolve(field)),
                required=name in required,
                text=str(field.get("description") or self._resolve(field).get("description", "")),
            )
            for name, field in schema.get("properties", {}).items()
        ]

    def _answer(self, status: str, raw: Mapping[str, Any]) -> Answer:
        media = raw.get("content", {}).get("application/json")
        example = self._media_example(media) if media else None
        texts = {"Successful Response": "Correcto", "Validation Error": "Hay datos que corregir"}
        text = str(raw.get("description", ""))
        return Answer(status=status, text=texts.get(text, text), example="" if example is None else _pretty(example))

    def _curl(self, method: str, path: str, raw: Mapping[str, Any], kind: str, body: Any) -> str:
        query = "&".join(
            f"{p['name']}={self._example(p.get('schema', {}))}"
            for p in raw.get("parameters", [])
            if p["in"] == "query" and p.get("required")
        )
        address = f"{self._server}{path}{'?' + query if query else ''}"
        lines = [
            f"curl -X {method.upper()} {shlex.quote(address)}" if method != "get" else f"curl {shlex.quote(address)}"
        ]
        if raw.get("security", self._root.get("security")):
            lines.append('-H "Authorization: Bearer $ACUSE_TOKEN"')
        if kind == "application/json":
            lines.append("-H 'Content-Type: application/json'")
            lines.append("-d " + shlex.quote(json.dumps(body, ensure_ascii=False)))
        elif kind == "multipart/form-data" and isinstance(body, Mapping):
            lines += [f"-F {shlex.quote(f'{name}={value}')}" for name, value in body.items()]
        elif kind == "application/x-www-form-urlencoded" and isinstance(body, Mapping):
            lines += [f"-d {shlex.quote(f'{name}={value}')}" for name, value in body.items()]
        return " \\\n  ".join(lines)

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            return dict(self._root.get("components", {}).get("schemas", {}).get(name, {}))
        for word in ("anyOf", "oneOf", "allOf"):
            if schema.get(word):
                real = [self._resolve(s) for s in schema[word] if s.get("type") != "null"]
                return {**(real[0] if real else {}), **{k: v for k, v in schema.items() if k != word}}
        return schema

    def _kind(self, schema: Mapping[str, Any]) -> str:
        if "enum" in schema:
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
        if "const" in schema:
            return json.dumps(schema["const"], ensure_ascii=False)
        names = {
            "string": "texto", "integer": "entero", "number": "número", "boolean": "booleano",
            "array": "lista", "object": "objeto",
        }  # fmt: skip
        formats = {"date": "fecha", "date-time": "fecha y hora", "uuid": "UUID", "binary": "archivo"}
        if "contentMediaType" in schema:
            return "archivo"
        kind = formats.get(schema.get("format", "")) or names.get(str(schema.get("type", "")), "cualquiera")
        if kind == "lista" and schema.get("items"):
            kind += f" de {self._kind(self._resolve(schema['items']))}"
        return kind

    def _example(self, schema: Mapping[str, Any], depth: int = 0) -> Any:  # noqa: PLR0911 - one line per kind
        schema = self._resolve(schema)
        for word in ("example", "const", "default"):
            if schema.get(word) is not None:
                return schema[word]
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("enum"):
            return schema["enum"][0]
        if depth > _DEPTH:
            return None
        kind = schema.get("type")
        if kind == "array":
            return [self._example(schema.get("items", {}), depth + 1)]
        if kind == "object" or "properties" in schema:
            return {name: self._example(field, depth + 1) for name, field in schema.get("properties", {}).items()}
        if kind == "string":
            known = "binary" if "contentMediaType" in schema else str(schema.get("format"))
            return _BY_FORMAT.get(known, schema.get("title", "texto"))
        return {"integer": 1, "number": 1.5, "boolean": True}.get(str(kind))


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def _anchor(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in _plain(text)).split())
