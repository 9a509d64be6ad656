"""Time expressions: found in a question, resolved to ranges."""
