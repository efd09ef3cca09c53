"""Who carries the steps of a run: processes, a cluster, and what memory there is for them."""
