"""Other proofs than codes: what is needed when, what may be kept of it, and what is told of it."""
