"""What the sides of a delivery say about each other: pure rules."""
