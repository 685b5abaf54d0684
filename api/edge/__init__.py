"""What every request passes, whatever it asks for: strict reading, problems, headers."""
