"""`python -m rollout`."""

from rollout._boot import main

main()
