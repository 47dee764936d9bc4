"""Writes XML that is its own exclusive canonical form, so that what is signed is what is sent.

Source: W3C, "Exclusive XML Canonicalization Version 1.0" and "Canonical XML 1.0", §2.3.
"""

from __future__ import annotations

from collections.abc import Mapping


def element(name: str, attributes: Mapping[str, str | None], *children: str) -> str:
    """Write one element in canonical form around children that already are.

    Attributes without a value are left out; namespace declarations come first, the rest in the order
    of their names, which is the canonical one for attributes without a namespace. The element is never
    written in the short form.
    """
    declared = sorted((key, value) for key, value in attributes.items() if value and _declares(key))
    plain = sorted((key, value) for key, value in attributes.items() if value and not _declares(key))
    written = "".join(f' {key}="{_attribute(value)}"' for key, value in (*declared, *plain))
    return f"<{name}{written}>{''.join(children)}</{name}>"


def text(value: str) -> str:
    """Write character data in canonical form."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def _declares(key: str) -> bool:
    return key == "xmlns" or key.startswith("xmlns:")


def _attribute(value: str) -> str:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return escaped.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")
