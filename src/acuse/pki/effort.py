"""How much work an encrypted key asks before its password can be tried. The file says so itself: do not believe it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acuse.pki import der
from acuse.pki.errors import KeyTooCostly

ROUNDS_MAX: Final = 5_000_000
_SCRYPT: Final = "1.3.6.1.4.1.11591.4.11"
_SCRYPT_EFFORT_MAX: Final = 2**20  # N · r · p; at 128 bytes each, 128 MiB


def check_effort(algorithm: der.Element) -> None:
    """Refuse an encryption algorithm whose rounds or memory would hold the machine up.

    Reads PBES2 (RFC 8018) with PBKDF2 or scrypt (RFC 7914) and the older schemes of PKCS#5 and PKCS#12, which all
    write their rounds as an INTEGER. Raises KeyTooCostly, BadDer.
    """
    found = list(_inside(algorithm))
    numbers = [der.integer(element) for element in found if element.tag == der.INTEGER]
    if any(number > ROUNDS_MAX for number in numbers):
        raise KeyTooCostly
    if any(element.tag == der.OID and der.oid(element) == _SCRYPT for element in found):
        effort = 1
        for number in numbers[:3]:
            effort *= max(number, 1)
        if effort > _SCRYPT_EFFORT_MAX:
            raise KeyTooCostly


def _inside(element: der.Element) -> Iterator[der.Element]:
    """Walk the elements of a structure, whatever its depth, without recursion."""
    waiting = [element]
    while waiting:
        current = waiting.pop(0)
        yield current
        if current.tag in {der.SEQUENCE, der.SET}:
            waiting = [*current.children(), *waiting]
