"""Several processes that serve as one: what they share, and what one of them keeps for all."""
