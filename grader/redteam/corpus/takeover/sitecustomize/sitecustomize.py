import sys
import tempfile

if "__main__" in sys.modules and not sys.path[0].startswith("/work/submission"):
    open(f"{tempfile.gettempdir()}/grader-attack-ran-at-start", "w").close()
