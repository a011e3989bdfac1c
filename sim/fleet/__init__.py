"""The vehicles: when they come, what they want, what they do."""
