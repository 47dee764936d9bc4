"""Oddities that real packages have shown, to be switched on one by one.

Source: fixtures and issues of public clients (phpcfdi/sat-ws-descarga-masiva, nodecfdi), 2020-2025.
"""

from __future__ import annotations

from enum import StrEnum


class XmlQuirk(StrEnum):
    """Oddities of a ZIP of CFDIs."""

    DOUBLE_EXTENSION = "double_extension"
    """Names end `.xml.xml` (June 2020)."""
    LOWER_CASE_NAMES = "lower_case_names"
    JUNK_ENTRIES = "junk_entries"
    """A text, a `__MACOSX` folder and an empty XML stand beside the documents."""


class MetadataQuirk(StrEnum):
    """Oddities of a ZIP of metadata."""

    LF_IN_NAME = "lf_in_name"
    """A bare line feed inside a name, where rows end CRLF."""
    TILDE_IN_NAME = "tilde_in_name"
    """The separator inside a name."""
    QUOTES_IN_NAME = "quotes_in_name"
    BYTE_ORDER_MARK = "byte_order_mark"
    BLANK_LINES = "blank_lines"
    WORDS = "words"
    """`Vigente`, `Cancelado` and `Ingreso` where numbers and letters are documented."""
    LOWER_CASE_UUID = "lower_case_uuid"
    EMPTY_UUID = "empty_uuid"
    """One row without UUID at the end."""
    EXTRA_COLUMN = "extra_column"
    """A thirteenth column nobody has documented."""
    SHORT_ROWS = "short_rows"
    """Rows whose last column is empty end without it."""
    CONTROL_CHARACTERS = "control_characters"
    """A character below the space inside a name."""
