"""The plan file's grammar, one module a section."""
