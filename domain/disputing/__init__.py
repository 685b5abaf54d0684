"""Disputes as a ladder: answer, negotiation, agent, appeal, review by a second agent."""
