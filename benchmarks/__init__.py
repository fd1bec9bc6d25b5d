"""How fast the grader is, beside nbgrader, otter and the bare work: `python -m benchmarks`."""
