"""What a web page says of itself, and how it looks to those who read it."""
