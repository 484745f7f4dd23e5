"""Simulated equipment that speaks real protocols and knows the truth."""
