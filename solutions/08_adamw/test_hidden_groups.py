"""Part 5: which parameter is in which group."""

import probes

from grader.checks import check


@check("groups", points=4)
def test_rule(same):
    """Parameters with two or more axes decay, all others do not."""
    same(probes.members, name="the list of groups")


@check("groups", points=1)
def test_empty_group(same):
    """There are two groups even if one is empty."""
    same(probes.members, name="the list of groups", everything=False)


@check("groups", points=1)
def test_decay_of_each_group(same):
    """The first group has the decay that was asked for, the second has 0."""
    same(probes.decays, name="the list of decays", weight_decay=0.3)


@check("groups", points=2)
def test_frozen(same):
    """A parameter that requires no gradient is in no group."""
    same(probes.listed, name="the list of parameters", frozen=True)


@check("groups", points=1)
def test_tied(same):
    """A parameter that two modules share is listed once."""
    same(probes.listed, name="the list of parameters", tied=True)


@check("groups", points=1)
def test_sgd(same):
    """torch.optim.SGD takes the groups of a model with a shared matrix, and lets it decay once."""
    same(probes.sgd_on_groups, name="the shared matrix", weight_decay=0.5, lr=0.1)
