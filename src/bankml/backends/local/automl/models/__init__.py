"""The parts of the final model: scikit-learn estimators that skops can save."""
