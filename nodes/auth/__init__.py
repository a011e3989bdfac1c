"""Authentication and authorization: keys, tokens, who may do what, and how often."""
