"""Chaos: many deliveries through the public REST API while every part is killed at random."""
