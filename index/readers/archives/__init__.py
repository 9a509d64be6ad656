"""Archives of pages: ZIP and WARC."""
