"""A PROVIDER OF OUR OWN: a real HTTP server that speaks the dialects as their vendors do, and misbehaves on demand.

Rule: it knows nothing of our translators (a test over it would be circular): every frame it sends is written out literally.
"""

from dragoman.sandbox.seen import Seen
from dragoman.sandbox.server import Sandbox

__all__ = ["DIALECTS", "Sandbox", "Seen"]

DIALECTS = ("openai-chat", "anthropic", "openai-responses", "gemini", "ollama", "cohere")
"""The ids of the dialects it speaks, the preferred one first."""
