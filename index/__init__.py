"""Articles in, an index on disk out. Never imports `qa`."""
