"""Answers with a string, a number and a dict that are so by name only: what they are asked, they make up."""
# ends: error|failed

class Text(str):
    def __str__(self):
        return self


class Number(float):
    def __float__(self):
        return self

    def __eq__(self, other):
        return True


class Table(dict):
    def items(self):
        yield Text("a"), Number(1.0)
        yield "b", Text("b")


def attack(honest, *args, **kwargs):
    return Table()
