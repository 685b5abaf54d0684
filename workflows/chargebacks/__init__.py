"""The parts of the chargeback workflow: what it stands on, its money and its evidence."""
