"""Writes `.env.example` and the reference page of settings from the declared groups, so that neither can lie."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator, Sequence
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from acuse.kernel.settings.group import Settings, is_secret, secret_bytes, variable

Group = type[Settings]

_ENV_HEAD = """\
# Configuración de Acuse. Copia este archivo a .env (modo 0600) y quita el # de lo que cambies.
# Generado desde el código: no lo edites; la explicación completa está en docs/reference/settings.md.
# Todo secreto se puede dar también en un archivo: NOMBRE_FILE=/ruta/del/archivo.
"""
_PAGE_HEAD = """\
# Settings

Generated from the code. Each setting is an environment variable; the variable wins, then the file named by
`NAME_FILE` (secrets only), then `.env`. Without `DATABASE_URL` missing secrets are created once in
`ACUSE_HOME/secrets`; with it, a missing, short or repeated secret stops the start and names itself.
The last column is what `.env.example` says, in the language of the people who run Acuse.
"""


def env_example(groups: Sequence[Group]) -> str:
    """Answer the text of `.env.example`: every setting commented out, with its help and default."""
    parts = [_ENV_HEAD]
    for group in groups:
        lines = [f"# ── {_title(group)}"]
        for name, field in group.model_fields.items():
            lines += [f"# {_help(field)}", f"#{variable(name)}={_default(field)}"]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def settings_markdown(groups: Sequence[Group]) -> str:
    """Answer the reference page in Markdown: one table a group."""
    parts = [_PAGE_HEAD]
    for group in groups:
        rows = [f"## {_title(group)}\n", "| variable | type | default | what it does |", "|---|---|---|---|"]
        for name, field in group.model_fields.items():
            default = f"`{_default(field)}`" if _default(field) else _absent(field)
            rows.append(f"| `{variable(name)}` | {_kind(field)} | {default} | {_cell(_help(field))} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def undocumented(groups: Sequence[Group]) -> list[str]:
    """Answer the variables without a line of help."""
    return [variable(name) for group in groups for name, field in group.model_fields.items() if not field.description]


def _title(group: Group) -> str:
    """Answer a group's heading: the first line of its docstring."""
    return (inspect.getdoc(group) or group.__name__).splitlines()[0]


def _help(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    unit = extra.get("unit") if isinstance(extra, dict) else None
    return " ".join(filter(None, ((field.description or "").strip(), f"({unit})" if unit else "")))


def _default(field: FieldInfo) -> str:
    """Answer the default as it is written in a variable; empty when there is none or when it is secret."""
    value = field.get_default(call_default_factory=False)
    if value is None or field.is_required() or is_secret(field):
        return ""
    if isinstance(value, enum.Enum):
        value = value.value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _absent(field: FieldInfo) -> str:
    if secret_bytes(field) is not None:
        return "created in embedded mode"
    return "**required**" if field.is_required() else "—"


def _kind(field: FieldInfo) -> str:
    if secret_bytes(field) is not None:
        return f"secret, ≥ {secret_bytes(field)} bytes"
    if is_secret(field):
        return "secret"
    return _cell(" or ".join(_words(field.annotation)))


def _words(annotation: object) -> Iterator[str]:
    """Answer a type in words a person knows."""
    if get_origin(annotation) is Literal:
        yield from (f"`{value}`" for value in get_args(annotation))
    elif isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        yield from (f"`{member.value}`" for member in annotation)
    elif get_args(annotation):
        for part in get_args(annotation):
            yield from _words(part)
    elif annotation is not type(None):
        names = {"str": "text", "int": "integer", "float": "number", "Decimal": "number", "bool": "`true` or `false`"}
        yield names.get(getattr(annotation, "__name__", ""), "text") if annotation is not None else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
