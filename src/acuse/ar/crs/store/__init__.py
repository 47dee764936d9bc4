"""The queries of the CRS. Every function runs in the caller's transaction."""
