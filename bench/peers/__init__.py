"""What others offer, each a process of its own that answers one line of JSON with another."""
