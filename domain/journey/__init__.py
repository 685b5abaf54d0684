"""What may go wrong between pickup and handover, and what follows."""
