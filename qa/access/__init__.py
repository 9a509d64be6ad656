"""Who may read what: the one place that decides, between the index and every face of the server."""
