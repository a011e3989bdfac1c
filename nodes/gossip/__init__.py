"""Who hears of it: what this node tells the others, and what it believes of theirs."""
