"""Answers with NotImplemented, which Python itself takes for a question to somebody else."""
# ends: failed

def attack(honest, *args, **kwargs):
    return NotImplemented
