"""What Mexico talks to: one folder for each outside service."""
