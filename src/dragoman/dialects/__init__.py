"""HOW THEY SPEAK, pure: the contract (`base`) and one folder a dialect.

Rule: a dialect knows core and wire, never another dialect.
"""
