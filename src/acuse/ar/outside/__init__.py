"""What Argentina talks to."""
