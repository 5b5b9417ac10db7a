"""The only place where adapters are built: from settings to a desk that an operation can work at."""
