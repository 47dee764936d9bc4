"""What the project checks and writes about itself: figures, reference pages, screenshots."""
