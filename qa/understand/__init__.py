"""What a question means: its words, its language, and what it leaves to those before it."""
