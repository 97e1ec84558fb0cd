"""WHERE THEY LIVE: known providers and their deviations as rows, and small pure functions over them.

row           what is known of a provider
catalog       the rows themselves
presets       which row a provider falls under (`preset_of`)
urls          any form of a base URL -> the base each dialect is spoken at
rows          quirk rows of providers and models, dated
quirks        rows and an admin's overrides, merged into one Quirks
targets       provider + model + the client's dialect -> Target
auth          credentials of a target
headers       what goes to a provider and what comes back
environment   OPENAI_API_KEY and the like -> providers
listing       a provider's models answer -> models
slugs         names for URLs and commands
masking       what may be shown of a header

Rule: no IO, no clock, no environment; a fact about a provider is a row with a source, never a branch on its name.
"""
