"""Answers with a list of twice the same list of twice the same list: forty of them, and a million million numbers."""
# ends: timeout|memory

def attack(honest, *args, **kwargs):
    answer = 0.0
    for _ in range(40):
        answer = [answer, answer]
    return answer
