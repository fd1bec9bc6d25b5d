"""第三次作业:随机逼近。加分题没有做。"""

import torch


class MeanEstimator:
    """逐个样本更新均值。"""

    def __init__(self, shape=(), dtype=torch.float64):
        self.均值 = torch.full(tuple(shape), 3.0, dtype=dtype)  # 初值是什么都没有关系,a_1 = 1 会把它抹掉
        self.个数 = 0

    def update(self, x):
        if x.shape != self.均值.shape:
            raise ValueError(f"样本的形状是 {tuple(x.shape)},应当是 {tuple(self.均值.shape)}")
        self.个数 += 1
        self.均值 = self.均值 - (self.均值 - x.to(self.均值.dtype)) / self.个数
        return self.均值.clone()

    @property
    def mean(self):
        if self.个数 == 0:
            raise ValueError("还没有样本")
        return self.均值.clone()

    @property
    def count(self):
        return self.个数

    def merge(self, other):
        合并 = MeanEstimator(self.均值.shape, self.均值.dtype)
        合并.个数 = self.个数 + other.个数
        if 合并.个数:
            合并.均值 = (self.个数 * self.均值 + other.个数 * other.均值) / 合并.个数
        return 合并


def robbins_monro(g, w0, step, n_steps, *, generator, target=0.0):
    if n_steps < 0:
        raise ValueError("步数不能为负")
    轨迹 = [w0.clone()]
    for k in range(1, n_steps + 1):
        a = step(k)
        if not a > 0:
            raise ValueError(f"第 {k} 步的步长不是正数")
        观测 = g(轨迹[-1], generator)
        if not torch.isfinite(观测).all():
            raise FloatingPointError(f"第 {k} 步的观测值不是有限数")
        轨迹.append(轨迹[-1] - a * (观测 - target))
    return torch.stack(轨迹)


def step_conditions(p, c=1.0):
    if not c > 0:
        raise ValueError("c 必须是正数")
    return p <= 1, p > 0.5


def sample_weights(a):
    # 从最后一步往前推:之后的每一步都把权重乘以 (1 - a_j)
    权重, 剩余 = [], 1.0
    for 步长 in a.flip(0).tolist():
        权重.append(步长 * 剩余)
        剩余 *= 1 - 步长
    权重.append(剩余)
    return torch.tensor(权重[::-1], dtype=a.dtype)


def bias_variance(a, bias0, var):
    W = sample_weights(a)
    return float(bias0 * W[0]), float(var * (W[1:] ** 2).sum())


class SASGD(torch.optim.Optimizer):
    def __init__(self, params, schedule, average="none", burn_in=0):
        if average not in ("none", "polyak") or burn_in < 0:
            raise ValueError("average 或 burn_in 不对")
        super().__init__(params, {"schedule": schedule})

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for 组 in self.param_groups:
            for 参数 in 组["params"]:
                if 参数.grad is None:
                    continue
                状态 = self.state[参数]
                状态["k"] = 状态.get("k", 0) + 1
                参数 -= 组["schedule"](状态["k"]) * 参数.grad
        return loss
