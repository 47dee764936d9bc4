"""What lies in deploy/: read against the program, and run for real where the machine has what runs it."""
