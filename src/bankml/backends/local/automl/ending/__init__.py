"""The end of a run: which candidates become the final model, and the model itself."""
