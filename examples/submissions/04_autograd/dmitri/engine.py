import math


class Var:
    def __init__(self, data, inputs=(), slopes=()):
        self.data = float(data)
        self.inputs = tuple(inputs)
        self.slopes = tuple(slopes)
        self.grad = 0.0

    def __add__(self, other):
        other = other if isinstance(other, Var) else Var(other)
        return Var(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Var) else Var(other)
        return Var(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, exponent):
        return Var(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self):
        return Var(math.exp(self.data), (self,), (math.exp(self.data),))

    def log(self):
        return Var(math.log(self.data), (self,), (1.0 / self.data,))

    def tanh(self):
        t = math.tanh(self.data)
        return Var(t, (self,), (1 - t * t,))

    def relu(self):
        return Var(max(0.0, self.data), (self,), (1.0 if self.data > 0 else 0.0,))

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((x, False) for x in node.inputs)
        grads = {node: 0.0 for node in order}
        grads[self] = 1.0
        for node in reversed(order):
            if not node.inputs:
                node.grad += grads[node]
            for x, slope in zip(node.inputs, node.slopes):
                grads[x] += slope * grads[node]

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other**-1.0

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1.0 * other
