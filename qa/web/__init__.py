"""The faces on the web: JSON, the reader, the chat, and the page that describes the API."""
