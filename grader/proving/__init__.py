"""Proof that the checks of an assignment catch what they should: what `grader validate` runs.

Only an author's own code runs here: the reference, alternatives, misconceptions, mutants, and impostors made of them.
It is judged in trusted forks, by the same judge as a submission and with no sandbox, which makes it fast.
"""
