"""Keys under which names are found: upper case, without accents, ñ kept as the letter it is."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[A-Z0-9Ñ&]+")


def search_key(text: str) -> str:
    """Answer the text in upper case without accents; `Ñ` stays, since año and ano are two words."""
    upper = unicodedata.normalize("NFKC", text).upper()
    if upper.isascii():
        return upper
    return "Ñ".join(map(_without_accents, unicodedata.normalize("NFC", upper).split("Ñ")))


def _without_accents(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def search_words(text: str) -> list[str]:
    """Answer the words of a text as they are found, in order, each once."""
    return list(dict.fromkeys(_WORD.findall(search_key(text))))
