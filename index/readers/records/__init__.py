"""Files of many articles, each a record with keys: lines of JSON, exports, tables."""
