"""What is judged: which files are meant, how each is written, and its content in bounded pieces."""
