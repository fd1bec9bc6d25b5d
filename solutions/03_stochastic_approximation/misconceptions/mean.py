"""What students get wrong in part 1, as they would write it."""

import stochastic
import torch

from grader.checks import misconception


@misconception(
    replaces="MeanEstimator.update",
    hint="The sample is larger than the mean. Does your mean grow?",
    fails=["moves_towards", "definition"],
)
def moves_away(self, x):
    if x.shape != self._mean.shape:
        raise ValueError("wrong shape")
    self._count += 1
    self._mean = self._mean + (self._mean - x.to(self._mean.dtype)) / self._count
    return self._mean.clone()


@misconception(
    replaces="MeanEstimator",
    hint="After one sample, what should the estimate be? Which step does your first update take?",
    fails=["definition", "mean_dtype", "float32"],
)
class StepOneOverKPlusOne(stochastic.MeanEstimator):
    def update(self, x):
        if x.shape != self._mean.shape:
            raise ValueError("wrong shape")
        self._count += 1
        self._mean = self._mean - (self._mean - x.to(self._mean.dtype)) / (self._count + 1)
        return self._mean.clone()


@misconception(
    replaces="MeanEstimator",
    hint="Try float32 data around one million. How many digits of a sample survive when it is added to a large sum?",
    fails=["float32"],
)
class RunningSum:
    def __init__(self, shape=(), dtype=torch.float64):
        self.sum = torch.zeros(shape, dtype=dtype)
        self.count = 0

    def update(self, x):
        if x.shape != self.sum.shape:
            raise ValueError("wrong shape")
        self.sum = self.sum + x.to(self.sum.dtype)
        self.count += 1
        return self.mean

    @property
    def mean(self):
        if self.count == 0:
            raise ValueError("no samples")
        return self.sum / self.count

    def merge(self, other):
        both = RunningSum(self.sum.shape, self.sum.dtype)
        both.sum, both.count = self.sum + other.sum, self.count + other.count
        return both


@misconception(
    replaces="MeanEstimator",
    hint="What does your estimator remember after a million samples? The recursion needs the last mean and k alone.",
    fails=["constant_state"],
)
class KeepsEverySample(stochastic.MeanEstimator):
    def __init__(self, shape=(), dtype=torch.float64):
        super().__init__(shape, dtype)
        self.samples = []

    def update(self, x):
        self.samples.append(x.clone())
        return super().update(x)

    def merge(self, other):
        both = KeepsEverySample(tuple(self._mean.shape), self._mean.dtype)
        for x in self.samples + other.samples:
            both.update(x)
        return both


@misconception(
    replaces="MeanEstimator.update",
    hint="Keep the tensor that update() returned, call update() again, and look at the first tensor once more.",
    fails=["own_memory"],
)
def returns_its_own_state(self, x):
    if x.shape != self._mean.shape:
        raise ValueError("wrong shape")
    self._count += 1
    self._mean += (x - self._mean) / self._count
    return self._mean


@misconception(
    replaces="MeanEstimator.update",
    hint="Give float32 samples to an estimator that was made with float64. What is the dtype of its mean?",
    fails=["mean_dtype"],
)
def takes_the_dtype_of_the_samples(self, x):
    if x.shape != self._mean.shape:
        raise ValueError("wrong shape")
    self._count += 1
    self._mean = self._mean.to(x.dtype) + (x - self._mean.to(x.dtype)) / self._count
    return self._mean.clone()


@misconception(
    replaces="MeanEstimator.update",
    hint="What does your update do with a sample of shape (1,) when the mean has shape (3,)?",
    fails=["wrong_shape"],
)
def broadcasts_a_sample(self, x):
    self._count += 1
    self._mean = self._mean - (self._mean - x.to(self._mean.dtype)) / self._count
    return self._mean.clone()


@misconception(
    replaces="MeanEstimator",
    hint="0 / 0 has no value. Which mean does your estimator give before its first sample?",
    fails=["mean_of_nothing"],
)
class ZeroBeforeTheFirstSample(stochastic.MeanEstimator):
    @property
    def mean(self):
        return self._mean.clone()


@misconception(
    replaces="MeanEstimator",
    hint="What is the count of an estimator that has seen nothing yet?",
    fails=["count"],
)
class CountsFromOne(stochastic.MeanEstimator):
    @property
    def count(self):
        return self._count + 1


@misconception(
    replaces="MeanEstimator.merge",
    hint="Merge the mean of one sample with the mean of a hundred. Should both weigh the same?",
    fails=["merge"],
)
def averages_the_two_means(self, other):
    both = stochastic.MeanEstimator(tuple(self._mean.shape), self._mean.dtype)
    both._count = self._count + other._count
    both._mean = (self._mean + other._mean) / 2
    return both


@misconception(
    replaces="MeanEstimator.merge",
    hint="merge() returns a new estimator. What has become of the first one when it is done?",
    fails=["merge_leaves_both"],
)
def merges_into_the_first(self, other):
    total = self._count + other._count
    if total:
        self._mean = (self._count * self._mean + other._count * other._mean) / total
    self._count = total
    return self


@misconception(
    replaces="MeanEstimator.merge",
    hint="Merge with an estimator that has seen nothing, on either side. Which mean does your merge ask for?",
    fails=["merge_empty"],
)
def asks_an_empty_one_for_its_mean(self, other):
    both = stochastic.MeanEstimator(tuple(self._mean.shape), self._mean.dtype)
    both._count = self._count + other._count
    both._mean = (self._count * self.mean + other._count * other.mean) / both._count
    return both
