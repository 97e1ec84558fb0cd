"""Print `schema.sql`. Rule: this is its only author."""

import sys

from dragoman.store.migrations.run import script

if __name__ == "__main__":
    sys.stdout.write(script())
