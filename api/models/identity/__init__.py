"""Bodies about accounts, sessions and second factors."""
