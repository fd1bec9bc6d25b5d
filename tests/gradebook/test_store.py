from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from grader.errors import GradebookError
from grader.gradebook import files as files_module
from grader.gradebook import open_gradebook
from grader.gradebook.address import address
from grader.gradebook.schema import attempts, results
from grader.model import Diagnosis, Loaded, Outcome, Status

AT = datetime(2025, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def alter(where, statement, **values):
    """Change a gradebook as a person with a database tool, or another version of the grader, would."""
    engine = create_engine(address(where))
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


# ---- results -------------------------------------------------------------------------------------------------------


def test_gives_a_result_back_as_it_was(gradebook, record, a_verdict, a_check):
    failed = a_check(Outcome.FAILED, detail="expected 3", diagnosis=Diagnosis("no_bias", "Correct the bias."))
    verdict = a_verdict(checks=(a_check(), failed), notes=("cell 7 was passed over",), output="hello\n", seconds=0.25)
    record(verdict=verdict)
    assert gradebook.result(verdict.key) == verdict


def test_has_no_result_for_what_was_not_graded(gradebook, record):
    record()
    assert gradebook.result("n" * 64) is None


def test_finds_many_results_at_once_and_only_those_that_are_there(gradebook, record):
    stored = {f"{number:064x}" for number in range(3)}
    for key in stored:
        record(key=key)
    asked = [f"{number:064x}" for number in range(2000)]
    assert set(gradebook.results(asked)) == stored
    assert gradebook.results([]) == {}


def test_forty_untouched_stubs_are_forty_attempts_and_one_result(gradebook, record, where, loaded):
    for number in range(40):
        record(f"student{number}", loaded=loaded)
    assert len(gradebook.attempts()) == 40
    assert rows(where, "results") == rows(where, "submissions") == 1


def rows(where, table):
    engine = create_engine(address(where))
    with engine.connect() as connection:
        counted = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    engine.dispose()
    return counted


def test_a_result_that_is_recorded_again_keeps_its_time(gradebook, record, where, a_verdict):
    record()
    recorded = column(where, "recorded", results)
    record("ben")
    assert column(where, "recorded", results) == recorded


def test_what_is_pending_is_a_result_until_it_is_filled_in(gradebook, record, a_verdict, a_check):
    record(verdict=a_verdict(checks=(a_check(Outcome.PENDING),)))
    assert gradebook.result("k" * 64).checks[0].outcome is Outcome.PENDING
    record(verdict=a_verdict())
    assert gradebook.result("k" * 64) == a_verdict()


@pytest.mark.parametrize("broken", ["status", "check"])
def test_what_broke_on_our_side_is_an_attempt_but_no_result(gradebook, record, a_verdict, a_check, broken):
    invalid = (a_check(Outcome.INVALID),)
    changes = {"status": Status.UNFINISHED, "checks": ()} if broken == "status" else {"checks": invalid}
    number = record(verdict=a_verdict(**changes), **changes)
    assert gradebook.result("k" * 64) is None
    assert gradebook.attempt(number).settled is False


def test_a_result_of_a_later_version_is_read_where_it_can_be(gradebook, record, where, a_verdict):
    record()
    later = msgspec.to_builtins(a_verdict()) | {"energy": 3.5}
    alter(where, "UPDATE results SET verdict = :verdict", verdict=msgspec.json.encode(later).decode())
    assert gradebook.result("k" * 64) == a_verdict()


def test_a_result_that_cannot_be_read_is_graded_again(gradebook, record, where):
    record()
    alter(where, "UPDATE results SET verdict = :verdict", verdict='{"key": "k", "status": "superseded"}')
    assert gradebook.result("k" * 64) is None


# ---- attempts ------------------------------------------------------------------------------------------------------


def test_gives_an_attempt_back_as_it_was(gradebook, a_report, a_verdict):
    report = a_report(submitted=AT, notes=("unpacked",), output="\0 caf\u00e9 步长", seconds=1.5)
    number = gradebook.record(report, a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"\0secret", only="step")
    stored = gradebook.attempt(number)
    assert (stored.id, stored.assignment, stored.key) == (number, "08_adamw", "k" * 64)
    assert (stored.seed, stored.only, stored.settled) == (b"\0secret", "step", True)
    expected = msgspec.structs.replace(report, attempt=number, key="k" * 64, regraded=False)
    assert stored.report == expected


def test_moments_come_back_in_utc(gradebook, record, where):
    number = record(submitted=AT.astimezone(timezone(timedelta(hours=8))))
    stored = gradebook.attempt(number)
    assert stored.recorded.utcoffset() == stored.seen.utcoffset() == timedelta(0)
    assert stored.report.submitted == AT
    assert column(where, "submitted") in (AT, AT.replace(tzinfo=None))


def column(where, name, table=attempts):
    engine = create_engine(address(where))
    with engine.connect() as connection:
        found = connection.scalar(select(table.c[name]))
    engine.dispose()
    return found


def test_the_same_attempt_is_recorded_once(gradebook, record):
    first = record(submitted=AT)
    assert record(submitted=AT) == record(submitted=AT, attempt=first, regraded=False) == first
    assert [stored.id for stored in gradebook.attempts(latest=False)] == [first]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"student": "ben"}, id="another student"),
        pytest.param({"assignment": "03_stochastic_approximation"}, id="another assignment"),
        pytest.param({"digest": "e" * 64}, id="another file"),
        pytest.param({"submitted": AT + timedelta(seconds=1)}, id="another time"),
        pytest.param({"key": "q" * 64}, id="other checks"),
    ],
)
def test_another_attempt_is_another_row(gradebook, record, changes):
    first, second = record(submitted=AT), record(**{"submitted": AT} | changes)
    assert first != second
    assert {stored.id for stored in gradebook.attempts(latest=False)} == {first, second}


def test_what_could_not_be_loaded_is_told_apart_by_its_reason(gradebook, record):
    nothing = {"verdict": None, "key": "", "digest": "", "status": Status.UNGRADABLE, "checks": ()}
    first, second = record(reason="the file is empty", **nothing), record(reason="not a notebook", **nothing)
    assert first != second
    assert record(reason="not a notebook", **nothing) == second
    assert gradebook.result("") is None


def test_a_deadline_that_moved_replaces_the_report(gradebook, record):
    number = record(submitted=AT, earned=9.0)
    assert record(submitted=AT, earned=10.0) == number
    assert gradebook.attempt(number).report.earned == 10.0


def test_a_grade_replaces_a_break_but_a_break_never_a_grade(gradebook, record):
    number = record(status=Status.UNFINISHED, verdict=None, earned=0.0)
    assert record(earned=10.0) == number
    assert record(status=Status.UNFINISHED, verdict=None, earned=0.0) == number
    stored = gradebook.attempt(number)
    assert (stored.settled, stored.report.status, stored.report.earned) == (True, Status.GRADED, 10.0)


def test_the_number_of_an_attempt_is_never_given_out_again(gradebook, record, where):
    number = record()
    alter(where, "DELETE FROM attempts")
    assert record() > number


def meanwhile(where, statement, act):
    """Run a statement, begin `act` in a thread, and commit the statement once `act` waits for it."""
    engine = create_engine(address(where))
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    with ThreadPoolExecutor() as pool, engine.connect() as one, engine.connect() as other:
        one.execute(statement)
        acting = pool.submit(act)
        while other.scalar(waiting) is None and not acting.done():
            other.rollback()
        one.commit()
    engine.dispose()
    return acting.result()


def test_an_attempt_that_another_process_is_adding_is_not_added_again(postgres, a_report, a_verdict):
    with open_gradebook(postgres) as gradebook:
        again = lambda: gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k", seed=b"")  # noqa: E731
        again()
        alter(postgres, "ALTER TABLE attempts RENAME TO copied")
        alter(postgres, "CREATE TABLE attempts (LIKE copied INCLUDING ALL)")
        number = meanwhile(postgres, text("INSERT INTO attempts SELECT * FROM copied"), again)
        assert [stored.id for stored in gradebook.attempts(latest=False)] == [number]


def test_a_break_does_not_replace_a_grade_that_another_process_is_writing(postgres, a_report, a_verdict):
    with open_gradebook(postgres) as gradebook:
        broken = a_report(status=Status.UNFINISHED)
        again = lambda: gradebook.record(broken, None, assignment="08_adamw", key="k", seed=b"")  # noqa: E731
        number = again()
        graded = text("UPDATE attempts SET settled = true, status = 'graded'")
        assert meanwhile(postgres, graded, again) == number
        assert gradebook.attempt(number).settled is True


def test_lists_what_was_asked_for(gradebook, record):
    a = record("ada", assignment="08_adamw")
    b = record("ben", assignment="08_adamw")
    c = record("ada", assignment="03_stochastic_approximation")
    ids = lambda *wanted: [stored.id for stored in gradebook.attempts(*wanted)]  # noqa: E731
    assert ids() == [c, a, b]
    assert ids("08_adamw") == [a, b]
    assert ids(None, "ada") == [c, a]
    assert ids("08_adamw", "ada") == [a]
    assert ids("08_adamw", "eve") == []


def test_the_latest_attempt_is_the_one_that_a_run_saw_last(gradebook, record):
    first, second = record(digest="1" * 64), record(digest="2" * 64)
    assert [stored.id for stored in gradebook.attempts()] == [second]
    record(digest="1" * 64)  # handed in again
    assert [stored.id for stored in gradebook.attempts()] == [first]
    assert [stored.id for stored in gradebook.attempts(latest=False)] == [first, second]


def test_a_run_of_some_checks_does_not_hide_the_whole_attempt(gradebook, record):
    whole = record()
    partial = record(key="o" * 64, only="step")
    assert [stored.id for stored in gradebook.attempts()] == [whole]
    assert [stored.id for stored in gradebook.attempts(latest=False)] == [whole, partial]


def test_names_the_nearest_attempts_where_there_is_none_of_that_number(gradebook, record):
    for number in range(5):
        record(f"student{number}")
    with pytest.raises(GradebookError) as caught:
        gradebook.attempt(99)
    assert caught.value.problem == "there is no attempt 99"
    assert "the nearest are 3, 4, 5" in caught.value.step


@pytest.mark.parametrize("number", [0, -3, 2**31, 10**30])
def test_any_number_may_be_asked_for(gradebook, record, number):
    record()
    with pytest.raises(GradebookError, match=f"no attempt {number}"):
        gradebook.attempt(number)


def test_says_so_where_there_is_no_attempt_at_all(gradebook):
    with pytest.raises(GradebookError) as caught:
        gradebook.attempt(1)
    assert "the gradebook is empty" in caught.value.step


def test_names_that_no_text_can_hold_are_written_out(gradebook, record, a_verdict):
    """A file name may hold any byte; Python makes a surrogate of one that is not UTF-8."""
    number = record("ren\udce9", verdict=a_verdict(output="\udcff"), path="inbox/ren\udce9.py")
    report = gradebook.attempt(number).report
    assert (report.student, report.path) == (r"ren\udce9", r"inbox/ren\udce9.py")
    assert gradebook.result("k" * 64).output == r"\udcff"
    assert [stored.id for stored in gradebook.attempts(student="ren\udce9")] == [number]


def test_an_attempt_that_cannot_be_read_is_named(gradebook, record, where):
    number = record()
    alter(where, "UPDATE attempts SET report = '{}'")
    with pytest.raises(GradebookError, match=f"the report of attempt {number} cannot be read"):
        gradebook.attempts()


def test_a_mistake_of_ours_keeps_its_traceback(gradebook, record, where):
    alter(where, "DROP TABLE results")
    with pytest.raises(DBAPIError, match="results"):
        record()


def test_a_record_that_fails_leaves_nothing_behind(gradebook, record, where, loaded):
    """Files and result are written before the attempt; the attempt has no table to go to."""
    alter(where, "ALTER TABLE attempts RENAME TO elsewhere")
    with pytest.raises(DBAPIError, match="attempts"):
        record(loaded=loaded)
    assert rows(where, "results") == rows(where, "submissions") == 0


# ---- files ---------------------------------------------------------------------------------------------------------


def test_keeps_what_was_handed_in_for_a_replay(gradebook, record, loaded):
    record(loaded=loaded, digest=loaded.digest)
    assert gradebook.files(loaded.digest) == loaded
    assert gradebook.files("n" * 64) is None


def test_does_not_keep_what_is_too_large(gradebook, record, loaded, monkeypatch):
    monkeypatch.setattr(files_module, "KEEP_LIMIT", 100)
    number = record(loaded=loaded, digest=loaded.digest)
    assert gradebook.files(loaded.digest) is None
    assert gradebook.attempt(number).report.digest == loaded.digest


@pytest.mark.parametrize(
    "blob",
    [
        pytest.param(b"\x00\x01", id="not compressed"),
        pytest.param(files_module.zlib.compress(b"\xc1"), id="not msgpack"),
        pytest.param(files_module.packed(Loaded(files={"a.py": b"other"}, entry="a.py")), id="other files"),
    ],
)
def test_damaged_files_are_never_replayed(gradebook, record, where, loaded, blob):
    record(loaded=loaded)
    alter(where, "UPDATE submissions SET files = :blob", blob=blob)
    with pytest.raises(GradebookError, match=f"files of submission {loaded.digest[:12]} are damaged"):
        gradebook.files(loaded.digest)


def test_a_gradebook_may_be_closed_and_opened_again(where, a_report, a_verdict):
    with open_gradebook(where) as gradebook:
        number = gradebook.record(a_report(), a_verdict(), assignment="08_adamw", key="k" * 64, seed=b"")
    with open_gradebook(where, create=False) as gradebook:
        assert gradebook.attempt(number).report.student == "ada"
        assert gradebook.result("k" * 64) == a_verdict()
