"""Fuzzing: hostile articles, and harnesses for everything that reads what others wrote. `python -m tests.fuzz --help`."""
