"""Answers with a dict whose keys are no words: a tuple, NaN, True beside 1.0, a class."""
# ends: failed

def attack(honest, *args, **kwargs):
    return {(1, (2, (3,))): args, float("nan"): 1.0, True: 2.0, type: 3.0}
