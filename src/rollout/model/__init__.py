"""Values without I/O: the plan, what was measured, what was decided, what happened."""
