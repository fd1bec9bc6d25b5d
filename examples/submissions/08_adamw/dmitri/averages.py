"""The two moving averages."""


def average_(m, v, g, betas):
    m.mul_(betas[0]).add_(g, alpha=1 - betas[0])
    v.mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])


def corrected(m, v, t, betas):
    return m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
