"""What is done to an archive and to its server so that something is lost, or gives way."""
