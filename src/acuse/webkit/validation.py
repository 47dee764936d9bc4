"""Turns FastAPI's validation faults into our InvalidInput, field by field, in Spanish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from acuse.kernel.errors import InvalidInput

M = TypeVar("M", bound=BaseModel)

_SOURCES = frozenset({"body", "query", "path", "header", "cookie"})

_PROBLEMS: Mapping[str, str] = {
    "missing": "Falta este dato.",
    "json_invalid": "El cuerpo no es JSON válido.",
    "string_type": "Debe ser texto.",
    "string_too_short": "Debe tener al menos {min_length} caracteres.",
    "string_too_long": "Debe tener a lo más {max_length} caracteres.",
    "string_pattern_mismatch": "No tiene la forma esperada.",
    "int_type": "Debe ser un número entero.",
    "int_parsing": "Debe ser un número entero.",
    "int_from_float": "Debe ser un número entero.",
    "float_type": "Debe ser un número.",
    "float_parsing": "Debe ser un número.",
    "decimal_type": "Debe ser un número.",
    "decimal_parsing": "Debe ser un número.",
    "decimal_max_places": "Puede tener a lo más {decimal_places} decimales.",
    "bool_type": "Debe ser verdadero o falso.",
    "bool_parsing": "Debe ser verdadero o falso.",
    "date_type": "Debe ser una fecha (AAAA-MM-DD).",
    "date_parsing": "Debe ser una fecha (AAAA-MM-DD).",
    "date_from_datetime_parsing": "Debe ser una fecha (AAAA-MM-DD).",
    "date_from_datetime_inexact": "Debe ser una fecha sin hora (AAAA-MM-DD).",
    "datetime_type": "Debe ser una fecha con hora (AAAA-MM-DDTHH:MM:SS).",
    "datetime_parsing": "Debe ser una fecha con hora (AAAA-MM-DDTHH:MM:SS).",
    "datetime_from_date_parsing": "Debe ser una fecha con hora (AAAA-MM-DDTHH:MM:SS).",
    "uuid_type": "Debe ser un UUID.",
    "uuid_parsing": "Debe ser un UUID.",
    "url_parsing": "Debe ser una dirección web completa.",
    "enum": "Debe ser uno de: {expected}.",
    "literal_error": "Debe ser uno de: {expected}.",
    "greater_than": "Debe ser mayor que {gt}.",
    "greater_than_equal": "Debe ser al menos {ge}.",
    "less_than": "Debe ser menor que {lt}.",
    "less_than_equal": "Debe ser a lo más {le}.",
    "list_type": "Debe ser una lista.",
    "dict_type": "Debe ser un objeto.",
    "model_attributes_type": "Debe ser un objeto.",
    "model_type": "Debe ser un objeto.",
    "too_short": "La lista debe tener {min_length} o más elementos.",
    "too_long": "La lista debe tener {max_length} elementos o menos.",
    "extra_forbidden": "Este dato no se espera aquí.",
    "bytes_type": "Debe ser un archivo o texto.",
}


def problem_text(fault: Mapping[str, Any]) -> str:
    """Answer the Spanish sentence for one fault of pydantic.

    A validator of ours that raises ValueError with a Spanish sentence is shown as it stands.
    """
    context = fault.get("ctx", {})
    if fault["type"] in {"value_error", "assertion_error"}:
        return str(context.get("error", "")) or "El valor no es válido."
    template = _PROBLEMS.get(fault["type"], "El valor no es válido.")
    if "expected" in context:
        context = {**context, "expected": str(context["expected"]).replace(" or ", " o ")}
    return template.format_map(_Known(context))


def field_name(location: Sequence[str | int]) -> str:
    """Answer the name of a field as the sender knows it: `("body", "lines", 0, "rfc")` is `lines.0.rfc`."""
    parts = list(location[1:]) if location and location[0] in _SOURCES else list(location)
    return ".".join(str(part) for part in parts) or "cuerpo"


def as_invalid_input(faults: Sequence[Mapping[str, Any]]) -> InvalidInput:
    """Gather all faults of one request into one error; the first problem of each field counts."""
    fields: dict[str, str] = {}
    for fault in faults:
        name = "cuerpo" if fault["type"] == "json_invalid" else field_name(fault["loc"])
        fields.setdefault(name, problem_text(fault))
    return InvalidInput(fields=fields)


def read_as(model: type[M], values: Mapping[str, Any]) -> M:
    """Read what did not come by HTTP, such as a command's options; raises InvalidInput field by field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise as_invalid_input([{**fault} for fault in error.errors()]) from error


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
