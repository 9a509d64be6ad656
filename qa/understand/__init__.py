"""What a question means: its words, its language, and what it takes from earlier questions."""
