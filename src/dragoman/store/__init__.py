"""WHAT IS KEPT: database, secrets, configuration -> Snapshot, records. Rule: one transaction writes, bumps the revision and
builds the new Snapshot; what can fail fails before the commit, and a Snapshot is swapped whole after it."""

from dragoman.store.store import Store

__all__ = ["Store"]
