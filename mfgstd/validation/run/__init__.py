"""One run over files or a program's own data: pieces in, one report out, whatever engine judges."""
