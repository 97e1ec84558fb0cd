"""What the control plane needs of the running server. Rule: an interface and nothing else, so tests can wire a store alone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request

from dragoman.api.auth import Gate
from dragoman.core.config import Provider
from dragoman.routing.learned import Learned
from dragoman.store import Store

Probe = Callable[[Provider], Awaitable[Mapping[str, Any]]]
"""Asks a provider whether it is there: `status`, `status_code`, `latency_ms`, `detail`."""
Explain = Callable[[str | None, str], Mapping[str, Any]]
"""Which rule takes a model name that a client of a dialect sends, and who is asked, in order. Raises CallError."""


class Running(Protocol):
    """The parts of `Live` that administration touches. Read at each request: the gate is replaced when keys change."""

    store: Store
    gate: Gate
    learned: Learned


def running(request: Request) -> Running:
    found: Running = request.app.state.running
    return found


def store_of(request: Request) -> Store:
    return running(request).store
