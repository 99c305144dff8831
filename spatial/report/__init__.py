"""Results to maps, tables and pages."""
