"""Side effects behind ports: small classes that hold a port each, and no rules."""
