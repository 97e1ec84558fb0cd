"""THE REQUEST PATH: try the plan until one target commits, then carry its answer to the client.

Rule: what can be decided without a socket or a clock is decided in the rooms below; only `upstream` connects to providers.
"""
