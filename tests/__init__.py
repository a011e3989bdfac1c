"""A package, so that no installed one of this name (Ciw ships its own) comes before it."""
