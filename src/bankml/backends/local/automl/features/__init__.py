"""From the raw columns of a frame to one matrix of numbers."""
