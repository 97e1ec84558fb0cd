"""`learned`: what providers' refusals taught a running server. Rule: it is the server's own memory, so the server is asked."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from dragoman.cli.exits import BY_STATUS, Exit, VerbError
from dragoman.cli.tables import aligned

app = typer.Typer(help="Members of requests that providers refused, in a running server.", no_args_is_help=True)

PATH = "/admin/learned"
Which = Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider's slug or id; without it all of them.")]
Where = Annotated[
    str | None, typer.Option("--server", metavar="TEXT", help="Where it listens.  [default: HOST and PORT, else port 8000 here]")
]
_SHOWN = 60


@app.command("list")
def list_learned(provider: Which = "", server: Where = None) -> None:
    """List what is left out of requests, and until when.

    A member that a provider said it does not know is left out for a day, and told as a loss each time. ADMIN_USERNAME and
    ADMIN_PASSWORD are sent where a password is set.
    """
    rows = [
        (fact["provider"], fact["model"], fact["dialect"], fact["member"], _minute(fact["expires_at"]), _line(fact["said"]))
        for fact in _asked("GET", provider, server)
    ]
    print(aligned(("provider", "model", "dialect", "left out", "until", "said"), rows))


@app.command("clear")
def clear(provider: Which = "", server: Where = None) -> None:
    """Forget it, so that the providers are tried anew.

    ADMIN_USERNAME and ADMIN_PASSWORD are sent where a password is set.
    """
    _asked("DELETE", provider, server)
    print(f"what {provider or 'all providers'} refused is forgotten")


def _line(words: str) -> str:
    return " ".join(words.split())[:_SHOWN]


def _minute(text: str) -> str:
    """ISO 8601 as a minute in UTC."""
    return text[:16].replace("T", " ")


def _asked(method: str, provider: str, server: str | None) -> Any:
    """What the server answered. Raises VerbError."""
    from urllib.parse import quote

    from dragoman.api.loopback import from_here
    from dragoman.cli.http import ask
    from dragoman.settings import Settings
    from dragoman.wire import json

    settings = Settings.load()
    base = server if server is not None else f"http://{from_here(settings.host)}:{settings.port}"
    path = f"{PATH}/{quote(provider, safe='')}" if provider else PATH
    with ask(method, base, path, None, _credentials(settings.admin_username, settings.admin_password)) as answer:
        body = b"".join(answer.pieces())
        if answer.status >= 400:
            raise _refused(answer.status, body)
        return json.decode(body) if body else None


def _credentials(username: str, password: str) -> Mapping[str, str]:
    """HTTP Basic; none where no password is set, which a server takes from this machine."""
    from base64 import b64encode

    return {"authorization": f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"} if password else {}


def _refused(status: int, body: bytes) -> VerbError:
    from dragoman.wire import json

    try:
        message = str(json.decode(body)["detail"])
    except (json.JSONError, KeyError, TypeError):
        message = body.decode("utf-8", "replace")[:300] or "the server gave no reason"
    hint = " (ADMIN_USERNAME and ADMIN_PASSWORD give them)" if status == 401 else ""
    return VerbError(BY_STATUS.get(status, Exit.FAILED), f"{status}: {message}{hint}")
