"""One verb a file: gather, decide, apply, record. Each takes a desk and returns a value that renderers read."""
