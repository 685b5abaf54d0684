"""What goes over the wire: requests are strict and closed, answers are complete and documented."""
