"""What a probe may import: `from grader.probing import metered`. It runs beside student code, and holds no answers."""

from grader.probing.collectives import before_last_mark, collectives, recorded
from grader.probing.gate import held
from grader.probing.meter import metered

__all__ = ["before_last_mark", "collectives", "held", "metered", "recorded"]
