"""Routes of accounts, sessions and second factors."""
