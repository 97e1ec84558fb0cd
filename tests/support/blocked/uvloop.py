"""Stands where uvloop would be, and is not there: `PYTHONPATH=tests/support/blocked make test` shows that we do without."""

raise ImportError("uvloop is blocked")
