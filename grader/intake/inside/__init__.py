"""What travels with a submission and runs beside it, in its sandbox. It imports nothing of ours."""
