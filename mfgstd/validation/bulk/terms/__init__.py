"""What can be wrong with a row, as expressions that count: by schemas, by record rules."""
