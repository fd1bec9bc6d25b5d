"""The tests of pages that are walked would be worth nothing if a walk could not fail."""

import pytest

from .walkthrough import Command, File, alike, refreshed, steps, walk

PAGE = """
`notes/a.txt`, which says hello:
```text
one
two
```
`notes/a.txt`, at its end:
```text
three
```
`notes/a.txt`, changed:
```diff
 one
-two
+2
@@
-three
+3
```
```console
$ cat notes/a.txt
one
2
...
$ cat nowhere
...
$ echo $?
1
```
"""


def printed(page, root):
    return [(step.line, found) for step, found in walk(page, root)]


def test_files_are_written_added_to_and_changed_and_commands_run_in_order(tmp_path):
    assert printed(PAGE, tmp_path)[0] == ("cat notes/a.txt", "one\n2\n3\n")


def test_a_page_is_read_from_its_beginning_to_its_end():
    found = list(steps(PAGE))
    assert [step.how for step in found if isinstance(step, File)] == ["written", "added", "changed"]
    assert found[3] == Command("cat notes/a.txt", "one\n2\n...\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [("-two", "-four"), ("$ echo $?\n1\n", ""), ("$ echo $?\n1\n", "$ true\n")],
    ids=["a change of what is not there", "a failure at the end", "a failure that is passed over"],
)
def test_a_walk_can_fail(tmp_path, old, new):
    with pytest.raises(AssertionError):
        printed(PAGE.replace(old, new), tmp_path)


@pytest.mark.parametrize(
    ("said", "found", "same"),
    [
        ("3 passed in 3.70s\n", "3 passed in 12.1s\n", True),
        ("all of\nit 1.2 s\n", "all 13.2 s\nof it\n", True),
        ("wrote /.../a\n", "wrote /tmp/x/a\n", True),
        ("3 passed\n", "2 passed\n", False),
        ("4 checks, 20 seeds\n", "4 checks, 21 seeds\n", False),
    ],
)
def test_what_differs_each_time_is_no_difference_and_all_else_is(said, found, same):
    assert alike(said, found) is same


def test_a_page_is_refreshed_where_it_is_stale_and_nowhere_else(tmp_path):
    stale = PAGE.replace("one\n2\n...", "1\n2\n...")
    assert refreshed(stale, tmp_path) == PAGE.replace("$ cat notes/a.txt\none\n2\n...", "$ cat notes/a.txt\none\n2\n3")


def test_the_same_command_twice_is_two_places(tmp_path):
    page = "```console\n$ echo 1\n$ echo 2\n$ echo 1\n1\n```\n"
    assert refreshed(page, tmp_path) == "```console\n$ echo 1\n1\n$ echo 2\n2\n$ echo 1\n1\n```\n"
