"""Where a target is asked: its base and a path put together, alike for every dialect."""

from urllib.parse import quote

from dragoman.core.config import Target


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
