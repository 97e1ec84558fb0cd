"""`serve` (`run-server`) and `sandbox`: the verbs that stay until they are stopped."""

from enum import StrEnum
from typing import Annotated

import typer

from dragoman.cli.exits import Exit, VerbError


class LogLevel(StrEnum):
    """How much is logged; everything is at least as grave as it says."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"
    TRACE = "trace"


def serve(
    host: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Address to listen on.  [default: HOST, else 127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(metavar="INTEGER", min=0, max=65535, help="Port to listen on.  [default: PORT, else 8000]")
    ] = None,
    reload: Annotated[bool, typer.Option("--reload", help="Start anew when the code changes (for development).")] = False,
    log_level: Annotated[
        LogLevel | None,
        typer.Option(
            metavar="TEXT",
            case_sensitive=False,
            help="critical, error, warning, info, debug or trace.  [default: LOG_LEVEL, else info]",
        ),
    ] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Serve the sandbox provider beside the configured ones.")] = False,
) -> int:
    """Serve clients of every dialect.

    Says where it listens, how clients are configured, and prints a call to try.
    """
    from dragoman.api.server import run
    from dragoman.settings import Settings

    level = None if log_level is None else log_level.value
    settings = Settings.load(host=host, port=port, log_level=level, sandbox=sandbox or None)
    try:
        return run(settings, reload=reload)
    except OSError as error:
        reason = error.strerror or str(error)
        raise VerbError(
            Exit.CONNECT, f"cannot listen on {settings.host} port {settings.port}: {reason} (--port and PORT choose another)"
        ) from error


def sandbox(
    port: Annotated[
        int, typer.Option(metavar="INTEGER", min=0, max=65535, help="Port to listen on; 0 for any that is free.")
    ] = 8099,
    host: Annotated[str, typer.Option(metavar="TEXT", help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Run the sandbox provider alone.

    It speaks every dialect, needs no vendor and costs nothing; its `sandbox-...` models misbehave on purpose.
    """
    import asyncio

    asyncio.run(_sandbox(host, port))


async def _sandbox(host: str, port: int) -> None:
    import asyncio
    import signal
    import sys

    from dragoman.sandbox import Sandbox

    stopped = asyncio.Event()
    if sys.platform != "win32":  # there KeyboardInterrupt ends the run
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    server = Sandbox()
    try:
        bound = await server.start(host, port)
    except OSError as error:
        raise VerbError(Exit.CONNECT, f"cannot listen on {host} port {port}: {error.strerror or error}") from error
    base = f"http://{host}:{bound}"
    print(f"The sandbox provider listens on {base}")
    print(f"  OpenAI     base_url {base}/v1")
    print(f"  Anthropic  ANTHROPIC_BASE_URL={base}")
    print(f"  Gemini     GOOGLE_GEMINI_BASE_URL={base}")
    print(f"  models     any name answers; sandbox-... names misbehave on purpose: {base}/ lists them", flush=True)
    try:
        await stopped.wait()
    finally:
        await server.stop()
