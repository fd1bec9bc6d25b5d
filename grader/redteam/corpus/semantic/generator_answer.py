"""Answers with a generator, which nobody can ask twice, of what a list would hold."""
# ends: failed

def attack(honest, *args, **kwargs):
    return (x for x in (*args, *kwargs.values()))
