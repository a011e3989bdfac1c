"""What breaks when: plans of faults, and the worlds of an exploration."""
