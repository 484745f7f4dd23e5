"""Tables in columns: observation rows, and entities with one column for each field."""
