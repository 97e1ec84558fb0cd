"""Dragoman: one server between AI clients and AI providers. The rooms and their rule are in ARCHITECTURE.md."""

__version__ = "0.1.0"
