"""Building blocks that indicators share."""
