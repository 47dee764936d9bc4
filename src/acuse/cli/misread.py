"""Says in Spanish why a command line cannot be read, and where its help is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)
from cyclopts.argument import Argument

_KINDS = {"int": "un número entero", "float": "un número", "Decimal": "un número", "UUID": "un UUID"} | {
    "date": "una fecha (AAAA-MM-DD)",
    "datetime": "una fecha (AAAA-MM-DD o AAAA-MM-DDTHH:MM:SS)",
}


def misread(error: CycloptsError) -> str:
    """Answer one sentence on what is wrong with the line, and the line that shows the help of its command."""
    helped = " ".join(("acuse", *(error.command_chain or ()), "--help"))
    return f"{_sentence(error)}\nAyuda: {helped}"


def _sentence(error: CycloptsError) -> str:  # noqa: PLR0911 - one line per fault
    match error:
        case UnknownCommandError(unused_tokens=[word, *_]):
            names = [name for name in error.app or () if not name.startswith("-")]
            return f"No hay una orden «{word}».{_guess(word, names)} Hay: {', '.join(names)}."
        case UnknownOptionError(token=token):
            known = [name for argument in error.argument_collection or () for name in argument.names]
            return f"No hay una opción {token.keyword}.{_guess(str(token.keyword), known)}"
        case MissingArgumentError(argument=Argument() as argument):
            return f"Falta {error.keyword or argument.name}."
        case CoercionError(token=token) if token is not None:
            return f"{token.keyword or _named(error)}: «{token.value}» no es {_wanted(error.target_type)}."
        case RepeatArgumentError(token=token):
            return f"{token.keyword} está dos veces."
        case UnusedCliTokensError(unused_tokens=[word, *_]):
            return f"Sobra «{word}»."
        case ValidationError():
            return f"{_named(error)}: {error.exception_message}"
    return str(error)


def _named(error: CycloptsError) -> str:
    return error.argument.name if error.argument is not None else "La línea"


def _guess(word: str, names: Iterable[str]) -> str:
    close = get_close_matches(word, list(names), n=1)
    return f" ¿Quisiste decir {close[0]}?" if close else ""


def _wanted(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "uno de: " + ", ".join(str(each) for each in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "uno de: " + ", ".join(each.name.lower().replace("_", "-") for each in kind)
    return _KINDS.get(getattr(kind, "__name__", ""), "un valor válido")
