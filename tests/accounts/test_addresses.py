from __future__ import annotations

import pytest

from acuse.accounts.addresses import Proxies, household
from acuse.kernel.errors import Misconfigured

OURS = Proxies.parse("10.0.0.0/8, 2001:db8::1")


def test_without_proxies_the_peer_is_the_caller_whatever_the_header_says() -> None:
    assert Proxies().client("203.0.113.9", ["1.1.1.1"]) == "203.0.113.9"


def test_an_untrusted_peer_cannot_speak_for_others() -> None:
    assert OURS.client("203.0.113.9", ["1.1.1.1"]) == "203.0.113.9"


@pytest.mark.parametrize(
    ("lines", "caller"),
    [
        (["198.51.100.4"], "198.51.100.4"),
        (["6.6.6.6, 198.51.100.4"], "198.51.100.4"),
        (["6.6.6.6", "198.51.100.4, 10.1.1.1"], "198.51.100.4"),
        (["10.9.9.9, 10.1.1.1"], "10.9.9.9"),
        ([], "10.0.0.1"),
        (["algo, 10.1.1.1"], "10.1.1.1"),
        (["[2001:db8::7]:443"], "2001:db8::7"),
        (["198.51.100.4:5123"], "198.51.100.4"),
    ],
)
def test_a_trusted_proxy_is_believed_from_the_right(lines: list[str], caller: str) -> None:
    assert OURS.client("10.0.0.1", lines) == caller


def test_a_mapped_address_is_its_ipv4() -> None:
    assert Proxies().client("::ffff:203.0.113.9", []) == "203.0.113.9"


def test_a_socket_without_address_has_none() -> None:
    assert OURS.client(None, ["1.1.1.1"]) is None


def test_an_unreadable_list_of_proxies_stops_the_start() -> None:
    with pytest.raises(Misconfigured):
        Proxies.parse("10.0.0.0/8, casa")


def test_limits_count_a_household() -> None:
    assert household("2001:db8:1:2:3::4") == household("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert household("203.0.113.9") == "203.0.113.9"
    assert household(None) == "-"
