"""Logs: structured, redacted, readable in a terminal and in a machine. Everything that logs goes through here."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal

import structlog

HIDDEN: Final = "•••"
_SECRET_KEYS = re.compile(
    r"passw|contrase|pwd|secret|token(?!_type|_expires|s_)|authorization|cookie|api_?key|private_?key|vault_?key"
    r"|(^|_)key$|(^|_)pass$|sello|conninfo|dsn|database_url|redis_url|^clave$",
    re.IGNORECASE,
)
_SECRET_TEXTS = (
    (re.compile(r"(WRAP\s+access_token\s*=\s*\"?)[^\"\s]+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (
        re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL),
        f"-----{HIDDEN} PRIVATE KEY-----",
    ),
    (re.compile(r"(://[^/\s:@]*:)[^@\s/]+(@)"), rf"\1{HIDDEN}\2"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), HIDDEN),
    (
        re.compile(
            r"(\b(?:password|contraseña|token|secret|api_?key)\b[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
)
_MAX_DEPTH: Final = 6


def redact(value: Any, *, depth: int = 0) -> Any:
    """Answer the value with every secret in it replaced by dots, at any depth."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return "…" if depth >= _MAX_DEPTH else _redact_inside(value, depth + 1)
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact_text(str(value))


def _redact_inside(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {key: HIDDEN if _hides(str(key), item) else redact(item, depth=depth) for key, item in value.items()}
    return [redact(item, depth=depth) for item in value]


def redact_text(text: str) -> str:
    """Answer the text without tokens, private keys and passwords inside addresses."""
    for pattern, replacement in _SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


def get_logger(name: str) -> Any:
    """Answer a logger; call it with an English event name and its details as keywords."""
    return structlog.stdlib.get_logger(name)


def configure(
    level: str = "info",
    form: Literal["text", "json"] = "text",
    *,
    stream: Any = None,
) -> None:
    """Send all logs, ours and those of the libraries, through one redacting chain to `stream` (standard error)."""
    target = sys.stderr if stream is None else stream
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _without_colors,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    ending: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    ending += [structlog.processors.format_exc_info, _redact_event]
    if form == "json":
        ending.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        colors = bool(getattr(target, "isatty", lambda: False)())
        ending.append(structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=ending))
    root = logging.getLogger()
    for old in [known for known in root.handlers if getattr(known, "of_acuse", False)]:
        root.removeHandler(old)
    handler.of_acuse = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level.upper())
    _quieten(level)


def _quieten(level: str) -> None:
    """Let the libraries speak through our handler alone, and no louder than is useful."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    quiet = logging.WARNING if level != "debug" else logging.INFO
    for name in ("sqlalchemy", "alembic", "procrastinate", "asyncio", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(quiet)


def _without_colors(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop what uvicorn says a second time, with the colours of a terminal in it."""
    event.pop("color_message", None)
    return event


def _redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Redact a whole log entry: its words, its details and its traceback."""
    redacted: MutableMapping[str, Any] = redact(event)
    return redacted


def _hides(key: str, value: Any) -> bool:
    return value is not None and not isinstance(value, bool) and _SECRET_KEYS.search(key) is not None
