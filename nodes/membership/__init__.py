"""Who is there: found out by asking, as SWIM does, with or without a broker."""
