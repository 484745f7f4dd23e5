"""The same on a cluster: tables by their terms, lines by the row engine."""
