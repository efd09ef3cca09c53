"""The backends that carry out a workflow, and the boundary they share."""
