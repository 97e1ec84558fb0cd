"""Where a target is asked: its base and a path put together, alike for every dialect."""

import re
from urllib.parse import quote, unquote_plus

from dragoman.core.config import Target

_DEPLOYMENT = re.compile(r"/[^/]+/\{model\}")
"""Where a base has a place for the model (Azure's `/deployments/{model}`), what is kept stands beside it, not under it."""
_KEY = "key"
_MODELS = "models/"
"""How names of Google's begin, where the path does not say it already."""
_UNSAFE = re.compile(r"[^!-~]|#")
"""In a query: bytes that should have come escaped."""


def url_of(target: Target, usual: str, more: str = "", way: str = "", safe: str = "") -> str:
    """The URL. `usual`: the dialect's own path, where the target has none; `more`: what stands behind either. `way`: what is
    asked, for targets that have a path of their own for it. `{model}` in base or path is the upstream model,
    escaped but for the signs in `safe`; a path may be a whole URL."""
    path = target.path or target.ways.get(way) or usual
    if more and (target.path or way not in target.ways):
        path = path.rstrip("/") + more
    url = path if "://" in path else f"{target.base.rstrip('/')}/{path.lstrip('/')}"
    url = url.replace("{model}", quote(target.model, safe=safe))
    return f"{url}{'&' if '?' in url else '?'}{target.query}" if target.query else url


def url_below(target: Target, usual: str, below: str, query: str = "", above: str = "", *, modelled: bool = True) -> str:
    """The URL of another call than the dialect's usual one: `below` the same base. `above`: stands before the base's last
    segment. `query`: the client's, but for its key; what the target's own query names wins. `modelled` False: of a call
    that asks no model."""
    base = target.path.removesuffix(usual) if usual and target.path.endswith(usual) else target.base
    if not modelled:
        base = _DEPLOYMENT.sub("", base)
    front, _, last = base.rstrip("/").rpartition("/")
    model = target.model.removeprefix(_MODELS) if f"/{_MODELS}{{model}}" in below else target.model
    url = f"{front}{above}/{last}{below}".replace("{model}", quote(model, safe=""))
    pairs = [pair for pair in target.query.split("&") if pair]
    taken = {_name(pair) for pair in pairs} | {_KEY}
    own = _UNSAFE.sub(lambda sign: f"%{ord(sign[0]):02X}", query)
    asked = "&".join((*pairs, *(pair for pair in own.split("&") if pair and _name(pair) not in taken)))
    return f"{url}?{asked}" if asked else url


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])
