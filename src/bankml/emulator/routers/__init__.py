"""One router per service that the SDK talks to."""
