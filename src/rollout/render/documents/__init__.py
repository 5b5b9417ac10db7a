"""JSON: one document a result, its keys stable."""
