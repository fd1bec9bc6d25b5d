"""Attempts and results, stored once: what makes a second run grade only what changed.

    with open_gradebook(course / GRADEBOOK_FILE) as gradebook:
        key = result_key(submission=loaded.digest, assignment=..., environment=..., ...)
        verdict = gradebook.result(key)          # None: it has to be graded
        attempt = gradebook.record(report, verdict, assignment="08_adamw", key=key, seed=job.seed, loaded=loaded)

Only the grader itself imports this: the seeds and details that it holds are secrets.
"""

from grader.gradebook.connection import GRADEBOOK_FILE, open_gradebook
from grader.gradebook.files import KEEP_LIMIT
from grader.gradebook.keys import is_settled, result_key
from grader.gradebook.origins import Found, Origin
from grader.gradebook.store import Gradebook, StoredAttempt

__all__ = [
    "GRADEBOOK_FILE",
    "KEEP_LIMIT",
    "Found",
    "Gradebook",
    "Origin",
    "StoredAttempt",
    "is_settled",
    "open_gradebook",
    "result_key",
]
