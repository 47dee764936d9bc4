"""Whose address a request comes from. One function, for the audit and the limits alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from acuse.kernel.errors import Misconfigured

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
_HOUSEHOLD_BITS: Final = 64


@dataclass(frozen=True)
class Proxies:
    """The proxies of our own whose word about the caller's address is believed."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Proxies:
        """Read TRUSTED_PROXIES: addresses or networks separated by commas."""
        try:
            return cls(tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()))
        except ValueError as error:
            raise Misconfigured(problem="TRUSTED_PROXIES debe ser una lista de direcciones o redes.") from error

    def client(self, peer: str | None, forwarded: Sequence[str]) -> str | None:
        """Answer the caller's address: the peer, unless it is a trusted proxy.

        Then `X-Forwarded-For` is walked from the right past the trusted hops: what stands further left
        was written by the caller and proves nothing.
        """
        nearest = _read(peer or "")
        if nearest is None or not self._trusts(nearest):
            return str(nearest) if nearest else peer
        for text in reversed([part for line in forwarded for part in line.split(",")]):
            hop = _read(text)
            if hop is None:
                break
            nearest = hop
            if not self._trusts(hop):
                break
        return str(nearest)

    def _trusts(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self.networks)


def household(ip: str | None) -> str:
    """Answer what limits count by: the address, or the /64 of an IPv6 one, which is one household's."""
    address = _read(ip or "")
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _HOUSEHOLD_BITS), strict=False))
    return str(address) if address else "-"


def _read(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
