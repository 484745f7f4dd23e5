"""Screens: what is certain of millions of documents at once, so that rows decide only the rest."""
