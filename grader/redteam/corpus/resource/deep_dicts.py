"""Answers with a hundred thousand dicts, each in the one before."""
# ends: failed

def attack(honest, *args, **kwargs):
    answer = {}
    for _ in range(100_000):
        answer = {"x" * 100: answer}
    return answer
