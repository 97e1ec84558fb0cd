"""WHAT WENT WRONG, out of any error body of a provider. Rule: one reader for all dialects, for compatible providers borrow."""
