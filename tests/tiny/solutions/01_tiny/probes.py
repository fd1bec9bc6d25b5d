"""Run beside the student's code, which can read this file. It holds no answers."""


def doubled(student, x):
    """Twice x."""
    return student.double(x)


def scaled(student, factor, x):
    """What a scaler makes of x."""
    return student.Scaler(factor)(x)


def scaler(student, factor):
    """Make a scaler and say no more than that it could be made."""
    student.Scaler(factor)
