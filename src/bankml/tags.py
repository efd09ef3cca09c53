"""Tags by which bankml marks runs, the same on every backend."""

from __future__ import annotations

TRIGGER_TAG = "bankml.trigger_id"
"""By which a client marks its trigger; the same value never starts a second run."""
SYNTHETIC_TAG = "bankml.synthetic"
"""``true`` for a run that is trained on generated rows."""
