"""Run by tests as a program of its own: records attempts and tells of each when it is stored.

    python recorder.py GRADEBOOK STUDENT ...

Students are numbers. Writes "STUDENT ATTEMPT" for every attempt that is acknowledged.
"""

import sys
from collections.abc import Iterable

from grader.gradebook import open_gradebook, result_key
from grader.model import CheckResult, Loaded, Outcome, Report, Status
from grader.work import Verdict


def main(where: str, students: Iterable[int]) -> None:
    with open_gradebook(where) as gradebook:
        for number in students:
            loaded = Loaded(files={"adamw.py": b"# %d\n" % (number // 4) * 500}, entry="adamw.py")
            key = result_key(
                submission=loaded.digest,
                assignment="a" * 64,
                environment={"python": "3"},
                machine="cpu",
                sandbox="bwrap",
                seed="course",
                only="",
            )
            check = CheckResult("test_step", "step", "One step.", 10.0, 10.0, Outcome.PASSED, detail="x" * 2000)
            verdict = Verdict(key, Status.GRADED, (check,))
            report = Report(f"s{number}", f"s{number}.py", Status.GRADED, 10, 0, 100, loaded.digest, checks=(check,))
            attempt = gradebook.record(report, verdict, assignment="08_adamw", key=key, seed=b"seed", loaded=loaded)
            sys.stdout.write(f"s{number} {attempt}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], map(int, sys.argv[2:]))
