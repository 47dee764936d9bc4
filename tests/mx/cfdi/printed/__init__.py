"""The printed form of documents, and its PDF."""
