"""How people prove who they are: keys, tokens, passwords and factors."""
