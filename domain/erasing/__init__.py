"""How a person's data is erased: asked for, waited for, done and proved."""
