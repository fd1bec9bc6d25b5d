"""What students get wrong in part 5, as they would write it."""

from grader.checks import misconception


def two(decay, rest, weight_decay):
    """Return the two groups."""
    return [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


def split(model, weight_decay, rule):
    """Split what is trained by a rule of name and parameter."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    decay = [p for name, p in named if rule(name, p)]
    return two(decay, [p for name, p in named if not rule(name, p)], weight_decay)


@misconception(
    replaces="make_param_groups",
    hint="List each parameter's group: is there any that does not decay? Look at the biases and norms.",
    fails=["rule"],
)
def all_decay(model, weight_decay):
    return split(model, weight_decay, lambda name, p: True)


@misconception(
    replaces="make_param_groups",
    hint="List each parameter's group, and by what rule it is there. How many axes has LayerNorm's weight?",
    fails=["rule"],
)
def name_bias_only(model, weight_decay):
    return split(model, weight_decay, lambda name, p: "bias" not in name)


@misconception(
    replaces="make_param_groups",
    hint="Look at a matrix whose name has `bias` or `norm` in it: the rule is the number of axes, and never the name.",
    fails=["rule"],
)
def name_and_axes(model, weight_decay):
    return split(model, weight_decay, lambda name, p: p.ndim >= 2 and "bias" not in name and "norm" not in name)


@misconception(
    replaces="make_param_groups",
    hint="A convolution's kernel has three or four axes. In which group is it?",
    fails=["rule"],
)
def matrices_only(model, weight_decay):
    return split(model, weight_decay, lambda name, p: p.ndim == 2)


@misconception(
    replaces="make_param_groups",
    hint="Freeze a layer with requires_grad_(False). In which group are its parameters?",
    fails=["frozen"],
)
def keeps_frozen(model, weight_decay):
    every = list(model.parameters())
    return two([p for p in every if p.ndim >= 2], [p for p in every if p.ndim < 2], weight_decay)


@misconception(
    replaces="make_param_groups",
    hint="Tie the head to the embedding, and count how often their weight is listed. Is it one parameter, or two?",
    fails=["tied", "sgd"],
)
def dup_tied(model, weight_decay):
    every = [p for module in model.modules() for p in module.parameters(recurse=False) if p.requires_grad]
    return two([p for p in every if p.ndim >= 2], [p for p in every if p.ndim < 2], weight_decay)


@misconception(
    replaces="make_param_groups",
    hint="What decay does an optimizer use for a group that does not say one? Print the groups of AdamW(groups).",
    fails=["decay_of_each_group"],
)
def decay_in_both(model, weight_decay):
    decay, rest = split(model, weight_decay, lambda name, p: p.ndim >= 2)
    return [decay, {**rest, "weight_decay": weight_decay}]


@misconception(
    replaces="make_param_groups",
    hint="How many groups do you return for a model without biases? Who unpacks two, wants two.",
    fails=["empty_group"],
)
def no_empty_group(model, weight_decay):
    return [group for group in split(model, weight_decay, lambda name, p: p.ndim >= 2) if group["params"]]
