"""The engine beside other tools."""
