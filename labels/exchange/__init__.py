"""Exchange with other tools: one module a format."""
