"""What students are given of an assignment, as one zip, and the proof that nothing of its solution is in it."""
