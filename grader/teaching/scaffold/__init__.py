"""A new assignment, complete: one tiny part with its checks, to be replaced by an author's own."""
