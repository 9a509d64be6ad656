"""Feeds, and the export of WordPress, which is one."""
