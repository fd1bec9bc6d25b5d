"""The oracles of the hidden checks of parts 3 and 6: the Jacobian of sin(A x), by hand."""


def wave(x, A, shape):
    """sin(A x), in a shape."""
    return (A @ x.reshape(-1)).sin().reshape(shape)


def of_wave(x, A, shape):
    """Its Jacobian, (*shape, *x.shape)."""
    return ((A @ x.reshape(-1)).cos()[:, None] * A).reshape(*shape, *x.shape)


def pulled(x, v, A, shape):
    """J^T v, like x."""
    return (v.reshape(-1) @ of_wave(x, A, shape).reshape(v.numel(), x.numel())).reshape(x.shape)


def pushed(x, u, A, shape):
    """J u, in a shape."""
    return (of_wave(x, A, shape).reshape(len(A), x.numel()) @ u.reshape(-1)).reshape(shape)
