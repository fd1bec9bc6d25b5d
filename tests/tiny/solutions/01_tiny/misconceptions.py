"""What students get wrong, as they would write it."""

from grader.checks import misconception


@misconception(replaces="double", hint="What is the double of 5? Try a number other than 2.", fails=["values"])
def adds_two(x):
    return x + 2


@misconception(
    replaces="Scaler.__call__", hint="Scaling by 1 should change nothing. What does yours do?", fails=["scale_values"]
)
def adds_the_factor(self, x):
    return x + self.factor


@misconception(
    replaces="Scaler.__init__",
    hint="Make a scaler with a factor below 0. What should happen?",
    fails=["refuses_a_negative_factor"],
)
def takes_any_factor(self, factor):
    self.factor = factor
