"""Time expressions: found in a question, read as ranges."""
