"""Says in Spanish what is wrong with a setting, without ever showing its value."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from acuse.kernel.settings.group import variable

_TEXTS = {
    "missing": "falta",
    "int_parsing": "debe ser un número entero",
    "int_from_float": "debe ser un número entero",
    "float_parsing": "debe ser un número",
    "decimal_parsing": "debe ser un número",
    "bool_parsing": "debe ser true o false",
    "url_parsing": "debe ser una dirección web completa",
    "literal_error": "debe ser uno de: {expected}",
    "enum": "debe ser uno de: {expected}",
    "greater_than_equal": "debe ser {ge} o más",
    "greater_than": "debe ser mayor que {gt}",
    "less_than_equal": "debe ser {le} o menos",
    "less_than": "debe ser menor que {lt}",
    "string_too_short": "debe tener al menos {min_length} caracteres",
    "string_too_long": "debe tener a lo más {max_length} caracteres",
    "string_pattern_mismatch": "no tiene la forma esperada",
    "extra_forbidden": "no se conoce",
}


def problems_of(error: ValidationError) -> dict[str, str]:
    """Answer variable → problem for every wrong setting of a group."""
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        name = variable(str(fault["loc"][0])) if fault["loc"] else "*"
        found[name] = _text(fault["type"], fault.get("ctx") or {})
    return found


def _text(kind: str, context: dict[str, Any]) -> str:
    if kind == "value_error":
        return str(context.get("error", "no es válido"))
    words = {key: str(value).replace("'", "").replace(" or ", " o ") for key, value in context.items()}
    return _TEXTS.get(kind, "no es válido").format_map(words)
