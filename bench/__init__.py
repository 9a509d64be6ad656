"""Measurements. Each reads its data by a path given on its command line."""
