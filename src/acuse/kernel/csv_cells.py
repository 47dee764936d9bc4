"""Cells of a CSV as expressions of the database: free text made harmless, instants, tax ids."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, or_

# What a spreadsheet takes for the beginning of a formula, in ASCII and in the full width of East Asian keyboards.
_FORMULA: Final = "=+-@\t\r\n＝＋－＠"
_BEFORE_IT: Final = " \t\r\n\u00a0\ufeff"
_UTC: Final = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
_CUIT_DIGITS: Final = 11
_PLAIN_STARTS: Final = ("09", "AZ", "az")


def free_text(value: Any) -> ColumnElement[str]:
    """Answer a cell of text somebody typed: one that could start a formula gets a single quote before it.

    Numbers, dates, UUIDs and tax ids are never passed through here: a quote would corrupt them.
    """
    words = cast(value, Text)
    first = func.ascii(words)
    plain = or_(
        *(first.between(ord(low), ord(high)) for low, high in _PLAIN_STARTS)
    )  # nearly all: no need to look closer
    start = func.left(func.ltrim(words, _BEFORE_IT), 1)
    control = func.left(words, 1).in_(["\t", "\r", "\n"])
    is_formula = ((start != "") & (func.strpos(_FORMULA, start) > 0)) | control
    return case((plain, words), (is_formula, literal("'").concat(words)), else_=words)


def harmless(words: str) -> str:
    """Answer typed text as `free_text` writes it, for files that are not made by the database."""
    return f"'{words}" if words[:1] in {"\t", "\r", "\n"} or _is_formula(words) else words


def _is_formula(words: str) -> bool:
    start = words.lstrip(_BEFORE_IT)[:1]
    return start != "" and start in _FORMULA


def instant(value: Any) -> ColumnElement[str]:
    """Answer a cell with an instant: ISO 8601 in UTC, to the second."""
    return func.to_char(func.timezone("UTC", value), _UTC)


def cuit(value: Any) -> ColumnElement[str]:
    """Answer a cell with a tax id; a CUIT gets its dashes, so that Excel does not take it for a number.

    What has another form is text somebody typed.
    """
    dash = literal("-")
    dashed = func.left(value, 2).concat(dash).concat(func.substr(value, 3, 8)).concat(dash).concat(func.right(value, 1))
    is_cuit = (func.octet_length(value) == _CUIT_DIGITS) & value.op("~")("^[0-9]+$")
    return case((is_cuit, dashed), else_=free_text(value))
