"""The device model: what a machine says that it can report, and the standard documents of it."""
