"""What survives: the journal's group commit, the tables, and the SQL store behind the ``Store`` port."""
