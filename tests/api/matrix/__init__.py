"""Everybody asks for everything: who is let in, who is refused, and who meets nothing."""
