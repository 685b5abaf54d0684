"""Queries of accounts, sessions and second factors."""
