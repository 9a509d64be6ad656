"""Articles that a program pushes: kept on disk before they are told as stored, then searchable."""
