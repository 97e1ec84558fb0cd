"""What OpenAI's dialects have in common: how errors are told, what a strict schema is, limits and tiers."""
