"""Measurements of the hot paths, each against a limit of its own taken in the same run."""
