"""What the tests are built from: servers, houses, builders of documents and people."""
