"""What makes time pass and chance repeat."""
