"""What is this machine, and what only says so."""

import pytest

from dragoman.api.loopback import is_foreign_web_page, is_loopback, is_loopback_authority


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "[::1]", "localhost", "LocalHost", "::ffff:127.0.0.1"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "::", "10.0.0.1", "localhost.", "localhost.evil.com", "127.0.0.1.evil.com", "127.1", "2130706433", "0x7f.1",
     "::ffff:10.0.0.1", "127.0.0.1%00", "[127.0.0.1", " 127.0.0.1"],
)  # fmt: skip
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("authority", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "LOCALHOST:80"])
def test_loopback_authority(authority: str) -> None:
    assert is_loopback_authority(authority)


@pytest.mark.parametrize(
    "authority",
    ["", "evil.com", "localhost:8000/#@evil.com", "evil.com@localhost", "localhost:80:80", "localhost:x", "[::1]x", "[::1]:٣",
     "a/health?x=localhost", "localhost,evil.com", "127.0.0.1:8000 "],
)  # fmt: skip
def test_not_loopback_authority(authority: str) -> None:
    assert not is_loopback_authority(authority)


@pytest.mark.parametrize(
    "origin", ["https://evil.com", "http://evil.com:8000", "null", "http://localhost.evil.com", "http://[bad"]
)
def test_foreign_pages(origin: str) -> None:
    assert is_foreign_web_page(origin)


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5", "app://obsidian.md", "tauri://localhost"]
)
def test_own_pages_and_applications(origin: str) -> None:
    assert not is_foreign_web_page(origin)
