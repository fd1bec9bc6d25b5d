"""Hostile submissions, and what an assignment's checks make of them: `grader redteam`."""
