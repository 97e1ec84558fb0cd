"""THE EDGE: HTTP in. Rule: the data plane is raw ASGI with no framework objects per request; the control plane is FastAPI,
imported after the socket listens."""
