"""Money that moves after the fact: corrections, and what a provider takes back."""
