"""REST edge."""
