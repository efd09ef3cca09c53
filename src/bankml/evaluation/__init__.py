"""What a model is worth, what it looks at, and what its data looks like."""
