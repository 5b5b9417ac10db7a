"""Who answers queries.

To add one: a module with a class that satisfies `ports.Source`, and the key that a plan's environment names it
by; `wiring.sources` builds it.
"""
