"""What turns a result into something that one can learn from."""
