"""Emergency overrides: two people of staff move custody where no code could be scanned."""
