"""Files to model: the only part that opens data files."""
