"""One module per group of addresses: read the request, carry it out, shape the answer."""
