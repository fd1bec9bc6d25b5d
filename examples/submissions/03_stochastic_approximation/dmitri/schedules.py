"""Step sizes, for both the root search and the optimizer."""


def checked(step, k):
    a = step(k)
    if a <= 0:
        raise ValueError(f"step({k}) = {a}")
    return a


def first_steps(step, n):
    """The first n steps."""
    return (checked(step, k) for k in range(n))
