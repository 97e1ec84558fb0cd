"""THE COMMAND LINE: `dragoman VERB`. Rule: a verb loads what it needs when it runs, and an error is one line on stderr.

What a verb raises decides the exit code (exits.py); a traceback means a defect of ours.
"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script. Ends the process."""
    from dragoman.cli.app import run

    sys.exit(run(sys.argv[1:] if arguments is None else arguments))
