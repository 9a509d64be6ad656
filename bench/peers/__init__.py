"""Peers: other systems, each a separate process that answers one line of JSON with another."""
