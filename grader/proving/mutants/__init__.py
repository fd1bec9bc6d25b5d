"""Mutants: the reference solution with one small change each, and what the hidden checks make of them."""
