"""Results of one submission from several kinds of machine, joined. Asks no plugin and opens no gradebook.

Within a gradebook, what other machines found fills in what one left open (`completed`). Reports that were written to
files have no order of time: there two results that contradict each other are refused (`merged`).
"""

from grader.merging.checks import left_open
from grader.merging.names import joined
from grader.merging.reading import Source, read_report
from grader.merging.reports import is_whole
from grader.merging.sheets import merged
from grader.merging.verdicts import completed, with_broken

__all__ = ["Source", "completed", "is_whole", "joined", "left_open", "merged", "read_report", "with_broken"]
