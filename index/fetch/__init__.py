"""What is fetched from addresses: the public web alone, politely, and kept on disk."""
