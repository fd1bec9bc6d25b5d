"""A submission that does nothing: what a check that runs the file as a script must refuse."""
