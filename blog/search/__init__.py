"""Search: what people typed, the index that the databases keep, and what is found in it."""
