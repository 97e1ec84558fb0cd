"""THE HISTORY OF THE SCHEMA, as Alembic runs it. Rule: forward only; a released revision is never edited.

`python -m dragoman.store.migrations` prints `schema.sql`: all revisions as SQL, from which a new database is made without
importing Alembic (docs/decisions/0013-cheap-start.md). A test compares the two.
"""
