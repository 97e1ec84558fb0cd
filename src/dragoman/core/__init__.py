"""THE VOCABULARY: frozen values that every room speaks in. Rule: nothing here reads, writes, waits or decides policy."""
