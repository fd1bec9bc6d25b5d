"""What students get wrong in part 5, as they would write it."""

import math

from grader.checks import misconception


def lifted(x, like):
    return x if isinstance(x, type(like)) else type(like)(x)


def order_of(root):
    """All nodes, each before those that it was made of, without recursion."""
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack += [(node, True), *((x, False) for x in node.inputs)]
    return order[::-1]


# ---- operations ------------------------------------------------------------------------------------------------


@misconception(
    replaces="Var.__mul__",
    hint="y = a * b with a = 2 and b = 5: by how much does y grow when a grows a little?",
    fails=["sums_and_products"],
)
def slopes_of_a_product_swapped(self, other):
    other = lifted(other, self)
    return type(self)(self.data * other.data, (self, other), (self.data, other.data))


@misconception(
    replaces="Var.__mul__",
    hint="y = a * b: which of the two gets a gradient? Look at b.grad.",
    fails=["sums_and_products"],
)
def one_factor_alone(self, other):
    other = lifted(other, self)
    return type(self)(self.data * other.data, (self, other), (other.data, 0.0))


@misconception(
    replaces="Var.__add__",
    hint="A plain number has no .data. What do you make of it before you add it?",
    fails=["plain_numbers"],
)
def adds_vars_alone(self, other):
    return type(self)(self.data + other.data, (self, other), (1.0, 1.0))


@misconception(
    replaces="Var.__pow__",
    hint="Check the slope of x to the power of 3 at x = 2 with a small step.",
    fails=["powers"],
)
def slope_of_a_power_without_its_factor(self, exponent):
    return type(self)(self.data**exponent, (self,), (self.data ** (exponent - 1),))


@misconception(
    replaces="Var.__pow__",
    hint="The slope of a power is a power too: with which exponent?",
    fails=["powers"],
)
def slope_of_a_power_with_its_exponent(self, exponent):
    return type(self)(self.data**exponent, (self,), (exponent * self.data**exponent,))


@misconception(
    replaces="Var.exp",
    hint="The slope of exp at x is which value? You have just computed it.",
    fails=["functions"],
)
def slope_of_exp_at_the_input(self):
    return type(self)(math.exp(self.data), (self,), (self.data,))


@misconception(
    replaces="Var.log",
    hint="Check the slope of the logarithm at x = 2 with a small step.",
    fails=["functions"],
)
def slope_of_log_at_the_output(self):
    y = math.log(self.data)
    return type(self)(y, (self,), (1 / y,))


@misconception(
    replaces="Var.tanh",
    hint="The slope of tanh is written in terms of its value. Which of the two do you use?",
    fails=["functions"],
)
def slope_of_tanh_at_the_input(self):
    return type(self)(math.tanh(self.data), (self,), (1 - self.data**2,))


@misconception(
    replaces="Var.relu",
    hint="Which value does torch give at exactly 0?",
    fails=["relu"],
)
def relu_lets_zero_through(self):
    return type(self)(max(self.data, 0.0), (self,), (float(self.data >= 0),))


@misconception(
    replaces="Var.relu",
    hint="What is below 0 is cut off. What of the gradient there?",
    fails=["relu"],
)
def relu_hands_everything_back(self):
    return type(self)(max(self.data, 0.0), (self,), (1.0,))


# ---- backward --------------------------------------------------------------------------------------------------


@misconception(
    replaces="Var.backward",
    hint="y = a*b + a: how many paths reach a?",
    fails=["shared_values"],
)
def visits_once(self):
    grads, stack = {self: 1.0}, [self]
    while stack:
        node = stack.pop()
        if not node.inputs:
            node.grad += grads[node]
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            if x not in grads:
                grads[x] = grads[node] * slope
                stack.append(x)


@misconception(
    replaces="Var.backward",
    hint="When a value passes its gradient on, has everything that was made of it passed its own?",
    fails=["shared_values"],
)
def breadth_first(self):
    order, grads = [self], {self: 1.0}
    for node in order:
        if not node.inputs:
            node.grad += grads[node]
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            if x not in grads:
                order.append(x)
            grads[x] = grads.get(x, 0.0) + grads[node] * slope


@misconception(
    replaces="Var.backward",
    hint="x * x: the same x stands on both sides. How many gradients does it get?",
    fails=["one_number_twice"],
)
def one_slope_for_each_input(self):
    grads = dict.fromkeys(order_of(self), 0.0)
    grads[self] = 1.0
    for node, g in grads.items():
        if not node.inputs:
            node.grad += g
        for x, slope in dict(zip(node.inputs, node.slopes, strict=True)).items():
            grads[x] += g * slope


@misconception(
    replaces="Var.backward",
    hint="Call backward on two losses.",
    fails=["gradients_add_up"],
)
def overwrites_the_gradient(self):
    grads = dict.fromkeys(order_of(self), 0.0)
    grads[self] = 1.0
    for node, g in grads.items():
        if not node.inputs:
            node.grad = g
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            grads[x] += g * slope


@misconception(
    replaces="Var.backward",
    hint="Only leaves accumulate. What is left in the others when backward is called again?",
    fails=["gradients_add_up"],
)
def keeps_gradients_between(self):
    self.grad = 1.0
    for node in order_of(self):
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            x.grad += node.grad * slope


@misconception(
    replaces="Var.backward",
    hint="20000 additions: how deep may a function of Python call itself?",
    fails=["long_chain"],
)
def recursive(self):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for x in node.inputs:
                visit(x)
            order.append(node)

    visit(self)
    grads = dict.fromkeys(reversed(order), 0.0)
    grads[self] = 1.0
    for node, g in grads.items():
        if not node.inputs:
            node.grad += g
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            grads[x] += g * slope


@misconception(
    replaces="Var.backward",
    hint="y = y + y, fifteen times: how many paths are there, and how many nodes?",
    fails=["work"],
)
def walks_every_path(self):
    stack = [(self, 1.0)]
    while stack:
        node, g = stack.pop()
        if not node.inputs:
            node.grad += g
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            stack.append((x, g * slope))
