"""FRAMES, pure: JSON, server-sent events, HTTP/1.1. Rule: bytes in, values out; nothing here knows what they mean."""
