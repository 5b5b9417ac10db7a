"""Carry out rollout plans: judge gates, change flags, keep the record, take everything back."""

__version__ = "0.1.0"  # written here because importlib.metadata costs 50 ms at every start
