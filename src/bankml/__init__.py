"""bankml."""
