"""Other proofs than codes: pictures of them, and the document that proves a delivery to anybody."""
