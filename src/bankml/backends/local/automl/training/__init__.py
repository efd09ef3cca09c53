"""The work that a worker process does: fit a candidate on each fold, predict what was held out."""
