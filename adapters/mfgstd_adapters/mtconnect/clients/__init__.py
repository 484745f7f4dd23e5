"""The thin clients: a file, a socket, an agent. Bytes and the time they came, nothing else."""
