"""Several versions of one key, told apart without giving any away."""

from __future__ import annotations

import base64

import pytest

from acuse.kernel.errors import Misconfigured
from acuse.kernel.keyring import KeyRing, fingerprint

FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))


def written(key: bytes) -> str:
    return base64.b64encode(key).decode()


@pytest.mark.parametrize(
    "text", [written(FIRST), FIRST.hex(), base64.urlsafe_b64encode(FIRST).decode().rstrip("="), f" {written(FIRST)}\n"]
)
def test_base64_and_hexadecimal_are_read(text: str) -> None:
    ring = KeyRing.parse(text, setting="X")
    assert (ring.current, ring.current_key) == (fingerprint(FIRST), FIRST)


def test_the_first_is_current_and_all_are_kept() -> None:
    ring = KeyRing.parse(f"2026:{written(SECOND)},{written(FIRST)}", setting="X")
    assert (ring.current, ring.current_key) == ("2026", SECOND)
    assert ring.keys[fingerprint(FIRST)] == FIRST


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", written(FIRST[:31]), f"a b:{written(FIRST)}", f"a:{written(FIRST)},a:{written(SECOND)}", "a:"],
)
def test_anything_else_names_the_setting_and_not_the_key(text: str) -> None:
    with pytest.raises(Misconfigured, match="VAULT_KEY") as caught:
        KeyRing.parse(text, setting="VAULT_KEY")
    for secret in ("hunter2", written(FIRST), written(SECOND)):
        assert secret not in str(caught.value)


def test_a_ring_does_not_show_its_keys() -> None:
    assert "\\x01" not in repr(KeyRing.parse(written(FIRST), setting="X"))
