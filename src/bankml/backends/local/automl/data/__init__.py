"""From the rows to be trained on to the store that the workers share."""
