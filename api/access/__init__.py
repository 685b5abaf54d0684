"""Who asks, what they are to a delivery, and which of their requests were answered already."""
