"""THE CONTROL PLANE: administration over FastAPI. Rule: every route is guarded unless it is one of the public pages of the API's
own documentation, and no answer repeats what it was sent. Imported after the socket listens."""

from dragoman.api.control.app import create_control

__all__ = ["create_control"]
