"""HTTP as all servers here speak it, whatever they serve."""
