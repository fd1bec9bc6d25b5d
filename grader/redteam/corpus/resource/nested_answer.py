"""Answers with a list that contains itself."""
# ends: failed

def attack(honest, *args, **kwargs):
    answer = []
    answer.append(answer)
    return answer
