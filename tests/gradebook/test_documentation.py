import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from grader.gradebook import open_gradebook
from grader.gradebook.address import address
from grader.gradebook.schema import metadata
from grader.model import Outcome

PAGE = (Path(__file__).parents[2] / "docs" / "gradebook.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sql *(\w*)\n(.+?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_every_table_and_column_is_in_the_page(table):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{table.name}`"))
    assert {column.name for column in table.columns} <= set(
        re.findall(r"`(\w+)`", row.removeprefix(f"| `{table.name}`"))
    )


@pytest.mark.parametrize(
    ("where", "query"),
    [(kind, query) for dialect, query in QUERIES for kind in ("sqlite", "postgresql") if dialect in ("", kind)],
    indirect=["where"],
)
def test_every_query_of_the_page_finds_something(where, query, a_report, a_check, a_verdict):
    report = a_report(checks=(a_check(Outcome.INVALID),))
    with open_gradebook(where) as gradebook:
        gradebook.record(report, a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
    engine = create_engine(address(where))
    with engine.connect() as connection:
        assert len(connection.execute(text(query)).all()) == 1
    engine.dispose()
