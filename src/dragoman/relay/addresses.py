"""Which addresses a provider may have: a pure decision over the address that is about to be connected, after DNS.

Rule: decide on the canonical address with any IPv4 address embedded in it taken out, never on how it was spelled. Metadata
services hand out the machine's own credentials and are refused whatever an operator allows.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

# 2026-11: vendors' documentation of their instance metadata services.
METADATA: Final = (
    IPv4Network("169.254.0.0/16"),  # AWS, GCP, Azure, OpenStack, ECS and EKS task credentials
    IPv4Network("100.100.100.200/32"),  # Alibaba
    IPv4Network("168.63.129.16/32"),  # Azure wire server
    IPv4Network("192.0.0.192/32"),  # Oracle
    IPv6Network("fd00:ec2::/32"),  # AWS: ::254 metadata, ::23 EKS
    IPv6Network("fd20:ce::254/128"),  # GCP
    IPv6Network("fe80::a9fe:a9fe/128"),  # OpenStack
)

# 2026-11: IANA special-purpose address registries (RFC 6890 and updates), what is not globally reachable.
PRIVATE_4: Final = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("127.0.0.0/8", "a loopback address"),
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private address"),
        ("172.16.0.0/12", "a private address"),
        ("192.168.0.0/16", "a private address"),
        ("100.64.0.0/10", "a carrier-grade NAT address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.88.99.0/24", "a reserved address"),
        ("198.18.0.0/15", "a benchmarking address"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)
GLOBAL_6: Final = IPv6Network("2000::/3")
"""All of IPv6 that IANA has given out as global unicast; of it, these are not reachable or carry another address."""
PRIVATE_6: Final = tuple(
    (IPv6Network(network), what)
    for network, what in (
        ("2001::/23", "a reserved or tunnel address"),
        ("2001:db8::/32", "a documentation address"),
        ("2002::/16", "a 6to4 tunnel address"),
        ("3fff::/20", "a documentation address"),
    )
)
_NAT64, _NAT64_LOCAL = IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")
_LOW = (_NAT64, _NAT64_LOCAL, *(IPv6Network(f"{prefix}/96") for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0")))
"""Prefixes whose last 32 bits are an IPv4 address: NAT64, compatible, mapped, translated (SIIT)."""
_ISATAP = 0x00005EFE
"""Bits 64 to 95 of an ISATAP address, the universal bit aside; the IPv4 address follows."""
_TEREDO = IPv6Network("2001::/32")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_LINK_LOCAL, _LOCAL = IPv6Network("fe80::/10"), IPv6Network("fc00::/7")


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Why this address is not connected, as "a loopback address"; None where it may be. Raises ValueError for no address."""
    found = ip_address(address)
    forms = _forms(found)
    if any(form in network for form in forms for network in METADATA if form.version == network.version):
        return "an address of a cloud's metadata service, which is never allowed"
    return None if allow_private else _private(found)


def _private(address: IPv4Address | IPv6Address) -> str | None:
    if isinstance(address, IPv4Address):
        return next((what for network, what in PRIVATE_4 if address in network), None)
    same = address.ipv4_mapped or (_low(address) if address in _NAT64 else None)
    if same is not None:
        return _private(same)
    if address in GLOBAL_6:
        return next((what for network, what in PRIVATE_6 if address in network), None)
    if address.is_loopback:
        return "a loopback address"
    if address in _LINK_LOCAL:
        return "a link-local address"
    return "a private address" if address in _LOCAL else "a reserved address"


def _forms(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address, and every IPv4 address that traffic to it might reach."""
    if isinstance(address, IPv4Address):
        return [address]
    number = int(address)
    forms: list[IPv4Address | IPv6Address] = [IPv6Address(number)]
    if any(address in network for network in _LOW) or number >> 32 & 0xFDFFFFFF == _ISATAP:
        forms.append(_low(address))
    if address in _SIX_TO_FOUR:
        forms.append(IPv4Address(number >> 80 & 0xFFFFFFFF))
    if address in _TEREDO:
        forms += [IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)]
    if address in _NAT64_LOCAL:  # prefixes of 48, 56 and 64 bits step over bits 64 to 71 (RFC 6052 2.2)
        forms.append(IPv4Address((number >> 64 & 0xFFFF) << 16 | number >> 40 & 0xFFFF))
        forms.append(IPv4Address((number >> 64 & 0xFF) << 24 | number >> 32 & 0xFFFFFF))
        forms.append(IPv4Address(number >> 24 & 0xFFFFFFFF))
    return forms


def _low(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
