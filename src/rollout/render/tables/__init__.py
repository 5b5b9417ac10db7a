"""One table a result."""
