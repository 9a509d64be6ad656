"""How the reader's weights are made: prepare, train, measure, export."""
