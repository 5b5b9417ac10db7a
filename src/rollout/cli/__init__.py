"""The command line: a command parses, calls one operation, renders and exits."""
