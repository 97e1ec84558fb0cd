"""All verbs of `dragoman`, and how a run of one ends."""

import os
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from dragoman.cli import call, explain, generate, keys, learned, losses, providers, serve, translate
from dragoman.cli.exits import Exit, reason

HELP = "One server between AI clients and AI providers: any client, any provider, nothing lost unless it says so."

app = typer.Typer(
    name="dragoman",
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("serve")(serve.serve)
app.command("run-server", help="The same as `serve`.")(serve.serve)
app.command("sandbox")(serve.sandbox)
app.command("generate-key")(generate.generate_key)
app.command("call")(call.call)
app.add_typer(keys.app, name="keys")
app.add_typer(providers.app, name="providers")
app.command("explain")(explain.explain)
app.add_typer(learned.app, name="learned")
app.command("losses")(losses.losses)
app.command("translate")(translate.translate)


@app.command("version")
def version() -> None:
    """Print the version."""
    from platform import python_implementation, python_version

    from dragoman import __version__

    print(f"dragoman {__version__} ({python_implementation()} {python_version()})")


def run(arguments: Sequence[str]) -> int:
    """Run one verb. The exit code."""
    try:
        code = app(args=list(arguments), prog_name="dragoman", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing is left to say
        return Exit.OK
    except TyperException as error:
        return _misused(error)
    except (Exception, KeyboardInterrupt) as error:
        told = reason(error)
        if told is None:
            raise
        return _say(*told)
    return code if isinstance(code, int) else Exit.OK


def _misused(error: TyperException) -> int:
    """Usage errors in one line, with where the help is; the help itself where no verb was given."""
    message = error.format_message()
    if "\n" in message:
        print(message)
        return Exit.USAGE
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "dragoman"
    return _say(Exit.USAGE, f"{message} (see: {path} --help)")


def _say(code: Exit, message: str) -> int:
    print(f"dragoman: {' '.join(message.split())}", file=sys.stderr)
    return code
