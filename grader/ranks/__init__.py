"""Several processes that answer one call together: forked, watched, and ended as a whole.

Runs in a candidate, beside student code, and in the trusted forks of references and misconceptions alike.
"""
