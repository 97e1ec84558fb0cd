"""What OpenAI's dialects have in common: how errors are told, what a strict schema is, limits and tiers, and what their API has
beside answers: embeddings, and the doors of the rest."""
