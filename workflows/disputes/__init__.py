"""The stages of a dispute's ladder."""
