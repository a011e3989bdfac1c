"""What may happen to a charging point: pure values and functions, no clock, no randomness, no I/O."""
