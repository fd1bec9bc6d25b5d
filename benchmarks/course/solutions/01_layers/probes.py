"""Run beside the student's code, which can read this file. It holds no answers."""


def gradients(student, q, k, v, causal):
    """The gradients of the output's weighted sum with respect to q, k and v."""
    leaves = [x.clone().requires_grad_() for x in (q, k, v)]
    out = student.attention(*leaves, causal=causal)
    (out * out.detach().cos()).sum().backward()
    return [leaf.grad for leaf in leaves]


def steps(student, lr, mu, weights, gradients):
    """The weights after each of several steps."""
    optimizer = student.Momentum(lr, mu)
    seen = []
    for given in gradients:
        weights = optimizer.step(weights, given)
        seen.append(weights)
    return seen


def momentum(student, lr):
    """Make an optimizer and say no more than that it could be made."""
    student.Momentum(lr)
