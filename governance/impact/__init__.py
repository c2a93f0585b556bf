"""What depends on an area, asked before it changes, and its records taken along when it has."""
