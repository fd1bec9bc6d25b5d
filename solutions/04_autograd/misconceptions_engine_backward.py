"""What students get wrong in part 8 about backward, as they would write it."""

import torch

from grader.checks import misconception


def order_of(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            if node.edges is None:
                raise RuntimeError("freed")
            seen.add(node)
            stack += [(node, True), *((x, False) for x, _ in node.edges)]
    return order[::-1]


def begun(self, grad, *, graph=True, scalar=True, shape=True):
    """The first gradient, after what the handout refuses."""
    if graph and not self.requires_grad:
        raise RuntimeError("no graph")
    if scalar and grad is None and self.data.numel() != 1:
        raise RuntimeError("no scalar")
    if shape and grad is not None and grad.shape != self.shape:
        raise ValueError("shape")
    return torch.ones_like(self.data) if grad is None else grad


def taken_back(self, first, retain_graph=False, *, free=True, keep=None):
    """Gradients of all nodes, each from all that was made of it; leaves collect them by `keep`."""
    grads = {self: first}
    for node in order_of(self):
        g = grads.pop(node)
        if not node.edges:
            (keep or collected)(node, g)
        for x, pull in node.edges:
            grads[x] = grads[x] + pull(g) if x in grads else pull(g)
        if free and node.edges and not retain_graph:
            node.edges = None


def collected(leaf, g):
    leaf.grad = g.clone() if leaf.grad is None else leaf.grad + g


@misconception(
    replaces="TensorVar.backward",
    hint="y = a*b + a: how many paths reach a?",
    fails=["random_expressions"],
)
def visits_each_array_once(self, grad=None, retain_graph=False):
    grads, stack = {self: begun(self, grad)}, [self]
    order_of(self)
    while stack:
        node = stack.pop()
        if not node.edges:
            collected(node, grads[node])
        for x, pull in node.edges:
            if x not in grads:
                grads[x] = pull(grads[node])
                stack.append(x)
        if node.edges and not retain_graph:
            node.edges = None


@misconception(
    replaces="TensorVar.backward",
    hint="Call backward on two losses.",
    fails=["arrays_add_up"],
)
def overwrites_the_gradients_of_arrays(self, grad=None, retain_graph=False):
    def keep(leaf, g):
        leaf.grad = g.clone()

    taken_back(self, begun(self, grad), retain_graph, keep=keep)


@misconception(
    replaces="TensorVar.backward",
    hint="Only leaves accumulate. What is left in the others when backward is called again?",
    fails=["arrays_add_up"],
)
def keeps_gradients_of_arrays_between(self, grad=None, retain_graph=False):
    self.grad = begun(self, grad)
    for node in order_of(self):
        for x, pull in node.edges:
            collected(x, pull(node.grad))
        if node.edges and not retain_graph:
            node.edges = None


@misconception(
    replaces="TensorVar.backward",
    hint="5000 additions: how deep may a function of Python call itself?",
    fails=["deep"],
)
def recursive_over_arrays(self, grad=None, retain_graph=False):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for x, _ in node.edges or ():
                visit(x)
            order.append(node)

    first = begun(self, grad)
    visit(self)
    taken_back(self, first, retain_graph)


@misconception(
    replaces="TensorVar.backward",
    hint="When may the graph be thrown away?",
    fails=["graph_is_thrown_away"],
)
def never_freed(self, grad=None, retain_graph=False):
    taken_back(self, begun(self, grad), free=False)


@misconception(
    replaces="TensorVar.backward",
    hint="Which gradient does a vector begin with, if none is given?",
    fails=["backward_refuses"],
)
def begins_with_ones(self, grad=None, retain_graph=False):
    taken_back(self, begun(self, grad, scalar=False), retain_graph)


@misconception(
    replaces="TensorVar.backward",
    hint="Call backward on a constant. Is it told that it has no graph?",
    fails=["backward_refuses"],
)
def backward_of_a_constant(self, grad=None, retain_graph=False):
    taken_back(self, begun(self, grad, graph=False), retain_graph)


@misconception(
    replaces="TensorVar.backward",
    hint="Give backward a gradient of another shape. Which exception comes?",
    fails=["backward_refuses"],
)
def takes_any_gradient(self, grad=None, retain_graph=False):
    taken_back(self, begun(self, grad, shape=False), retain_graph)


@misconception(
    replaces="TensorVar.backward",
    hint="The gradient that was given to backward: print it afterwards. Whose tensor do you add to?",
    fails=["given_gradient"],
)
def adds_to_what_was_given(self, grad=None, retain_graph=False):
    def keep(leaf, g):
        if leaf.grad is None:
            leaf.grad = g
        else:
            leaf.grad += g

    taken_back(self, begun(self, grad), retain_graph, keep=keep)
