"""Writes those parts of the pages that the code already says: `python -m docs.reference`. A test compares them."""
