"""Which addresses are connected: public ones, private ones where an operator says so, metadata services never."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.relay.addresses import METADATA, refusal

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "104.18.7.192",
    "169.253.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "192.0.1.1",
    "2606:4700::6812:7c0",
    "2a00::a9fe:a9fe",
]
PRIVATE = {
    "127.0.0.1": "loopback", "127.255.1.2": "loopback", "::1": "loopback", "0.0.0.0": "unspecified", "0.1.2.3": "unspecified",
    "::": "reserved", "10.1.2.3": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private",
    "fd12:3456::1": "private", "fc00::1": "private", "fe80::1": "link-local", "fe80::1%3": "link-local",
    "100.64.0.1": "carrier-grade", "100.127.255.255": "carrier-grade", "192.0.0.8": "reserved", "192.0.2.1": "documentation",
    "198.18.0.1": "benchmarking", "198.19.255.255": "benchmarking", "203.0.113.9": "documentation", "224.0.0.1": "multicast",
    "255.255.255.255": "reserved", "240.0.0.1": "reserved", "ff02::1": "reserved", "2001:db8::1": "documentation",
    "3fff::1": "documentation", "fec0::1": "reserved", "100::1": "reserved", "4000::1": "reserved",
    "::ffff:127.0.0.1": "loopback", "::ffff:10.0.0.1": "private", "64:ff9b::10.0.0.1": "private", "64:ff9b::7f00:1": "loopback",
    "64:ff9b:1::808:808": "reserved", "2002:7f00:1::": "6to4", "2002:808:808::1": "6to4", "2001:0:808:808::": "tunnel",
    "::127.0.0.1": "reserved", "::ffff:0:127.0.0.1": "reserved",
}  # fmt: skip
NEVER = [
    *("169.254.169.254", "169.254.170.2", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fe80::a9fe:a9fe"),
    *("::ffff:169.254.169.254", "::169.254.169.254", "::ffff:0:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "::ffff:168.63.129.16"),
    *("64:ff9b:1::a9fe:a9fe", "64:ff9b:1:a9fe:00a9:fe00::", "64:ff9b:1:aa:00a9:fea9:fe00:0", "2002:a9fe:a9fe::1"),
    *("2001:0:a9fe:a9fe::1", "2001:0:808:808:0:0:5601:5601", "2606:4700::5efe:a9fe:a9fe", "fe80::200:5efe:a9fe:a9fe"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_connected(address: str) -> None:
    assert refusal(address, allow_private=False) is None
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_a_public_address_in_another_form_is_judged_as_itself(address: str) -> None:
    assert refusal(address, allow_private=False) is None


@pytest.mark.parametrize(("address", "what"), PRIVATE.items())
def test_what_is_not_public_needs_leave(address: str, what: str) -> None:
    why = refusal(address, allow_private=False)
    assert why is not None
    assert what in why
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("allow_private", [False, True])
def test_metadata_services_are_never_connected_in_no_form(address: str, allow_private: bool) -> None:
    why = refusal(address, allow_private=allow_private)
    assert why is not None
    assert "metadata" in why


@pytest.mark.parametrize(
    "spelling",
    ["2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518", "0xa9.0xfe.0xa9.0xfe", "169.16689662", "025177524776"],
)
def test_odd_spellings_are_judged_by_what_the_resolver_makes_of_them(spelling: str) -> None:
    try:
        rows = socket.getaddrinfo(spelling, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return  # this system does not read it: nothing could be connected either
    for row in rows:
        assert refusal(str(row[4][0]), allow_private=True) is not None


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_private_to_python_and_public_to_us(address: ipaddress.IPv4Address) -> None:
    if not address.is_global or address.is_multicast or any(address in network for network in METADATA if network.version == 4):
        assert refusal(str(address), allow_private=False) is not None


@given(st.ip_addresses(v=6))
def test_ipv6_is_public_only_inside_global_unicast(address: ipaddress.IPv6Address) -> None:
    if refusal(str(address), allow_private=False) is None and address.ipv4_mapped is None:
        assert address in ipaddress.IPv6Network("2000::/3") or address in ipaddress.IPv6Network("64:ff9b::/96")


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_and_its_mapped_form_have_one_verdict(address: ipaddress.IPv4Address) -> None:
    for allow in (False, True):
        assert refusal(f"::ffff:{address}", allow_private=allow) == refusal(str(address), allow_private=allow)
