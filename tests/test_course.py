from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.course import Course, find_course, read_assignment
from grader.errors import CourseError, UnknownAssignment
from grader.model import Tier

PART = '[[parts]]\nid = "{id}"\ntitle = "T"\npoints = {points}\ntier = "{tier}"\n'


def parts(*rows: tuple[str, float, str]) -> str:
    return "".join(PART.format(id=id_, points=points, tier=tier) for id_, points, tier in rows)


def assignment_toml(**changed: str) -> str:
    lines = {"title": '"A"', "module": '"linear"', **changed}
    return "".join(f"{key} = {value}\n" for key, value in lines.items()) + parts(("all", 100, "core"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "course"
    for name in ("01_linear_models", "03_stochastic_approximation", "08_adamw"):
        (root / "assignments" / name).mkdir(parents=True)
        (root / "assignments" / name / "assignment.toml").write_text(assignment_toml())
    (root / "solutions" / "08_adamw").mkdir(parents=True)
    (root / "course.toml").write_text('title = "Deep"\n')
    return root


def say(root: Path, text: str) -> Course:
    (root / "course.toml").write_text('title = "Deep"\n' + text)
    return find_course(root)


def said_of_course(root: Path, text: str) -> CourseError:
    with pytest.raises(CourseError) as caught:
        say(root, text)
    assert str(root) in str(caught.value.place)
    return caught.value


def said_of_assignment(root: Path, text: str) -> CourseError:
    file = root / "assignments" / "08_adamw" / "assignment.toml"
    file.write_text(text)
    with pytest.raises(CourseError) as caught:
        find_course(root).assignment("8")
    assert caught.value.place == str(file)
    return caught.value


# ---- finding a course ------------------------------------------------------------------------------------------


def test_a_course_is_found_from_anywhere_inside_it(root):
    assert find_course(root / "solutions" / "08_adamw").root == root.resolve()


def test_without_a_place_it_is_found_from_where_one_stands(root, monkeypatch):
    monkeypatch.chdir(root / "assignments" / "08_adamw")
    assert find_course().title == "Deep"


def test_a_folder_with_assignments_is_a_course_of_its_own_name(root):
    (root / "course.toml").unlink()
    assert find_course(root).title == "course"


def test_where_there_is_no_course_the_error_says_what_to_do(tmp_path):
    with pytest.raises(CourseError) as caught:
        find_course(tmp_path)
    assert caught.value.place == str(tmp_path)
    assert "--course DIR" in str(caught.value.step)


def test_a_course_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CourseError, match="there is no such folder"):
        find_course(tmp_path / "nowhere")


def test_a_course_without_assignments_says_what_to_make(tmp_path):
    (tmp_path / "course.toml").write_text('title = "Empty"\n')
    with pytest.raises(CourseError, match="no assignments/"):
        find_course(tmp_path)


def test_a_folder_that_is_not_named_as_an_assignment_is_named(root):
    (root / "assignments" / "Week 4").mkdir()
    assert "'Week 4' is not the name of an assignment" in said_of_course(root, "").problem


@pytest.mark.parametrize("name", [".ipynb_checkpoints", "__pycache__"])
def test_folders_that_tools_leave_behind_are_no_assignments(root, name):
    (root / "assignments" / name).mkdir()
    assert len(find_course(root).names) == 3


def test_this_repository_is_a_course(monkeypatch):
    course = find_course(Path(__file__).parent.parent)
    assert course.title == "Deep learning, from the articles up"
    assert course.assignment("3").module
    assert course.assignment("8").solution is not None


# ---- names -----------------------------------------------------------------------------------------------------


def test_an_assignment_is_called_by_its_number_or_name(root):
    course = find_course(root)
    assert course.assignment("3") == course.assignment("stochastic_approximation")


def test_an_unknown_name_is_an_error_of_the_course(root):
    with pytest.raises(UnknownAssignment) as caught:
        find_course(root).assignment("adam")
    assert caught.value.place == str(root.resolve())


def test_the_path_of_its_folder_names_it_too(root, monkeypatch):
    monkeypatch.chdir(root / "assignments" / "08_adamw")
    course = find_course()
    for name in (".", str(root / "assignments" / "08_adamw")):
        assert course.assignment(name).solution == root / "solutions" / "08_adamw"


def test_a_folder_outside_the_course_is_read_alone(root, tmp_path):
    lone = tmp_path / "my homework"
    lone.mkdir()
    (lone / "assignment.toml").write_text(assignment_toml())
    assert find_course(root).assignment(str(lone)).solution is None


def test_a_broken_assignment_hides_no_other(root):
    (root / "assignments" / "01_linear_models" / "assignment.toml").write_text("title =")
    assert find_course(root).assignment("8").id == "08_adamw"


def test_assignments_are_all_of_them_in_order(root):
    assert [a.number for a in find_course(root).assignments] == [1, 3, 8]


# ---- course.toml -----------------------------------------------------------------------------------------------


def test_everything_that_a_course_may_say(root):
    course = say(
        root,
        """
language = "zh"
plugins = ["house.py", "our_plugin"]
without_gpu = "drop"
timezone = "Asia/Shanghai"
[settings.grader_late]
share_per_day = 0.2
[roster]
s1 = "Ada"
[deadlines]
adamw = 2026-03-01T23:59:00
3 = 2026-02-01T12:00:00Z
""",
    )
    assert (course.language, course.without_gpu, course.plugins) == ("zh", "drop", ("house.py", "our_plugin"))
    assert course.settings == {"grader_late": {"share_per_day": 0.2}}
    assert course.roster.students == {"s1": "Ada"}
    due = course.assignment("8").due
    assert due is not None
    assert due.utcoffset() == timedelta(hours=8)
    assert course.assignment("3").due == datetime(2026, 2, 1, 12, tzinfo=UTC)
    assert course.assignment("1").due is None


@pytest.mark.parametrize(
    ("text", "problem", "step"),
    [
        ('langauge = "en"', "there is no key 'langauge'", "did you mean 'language'?"),
        ("colour = 1", "there is no key 'colour'", "the keys are title, language"),
        ('language = "fr"', "language: invalid enum value 'fr'", ""),
        ("title = 3", "not TOML: cannot overwrite a value", "mend that line"),
        ("x = = 3", "not TOML: invalid value (at line 2, column 5)", "mend that line"),
        ("plugins = 3", "plugins: expected array, got int", ""),
        ('[roster]\ns1 = ["Ada"]', "roster: expected str, got array", ""),
        ("deadlines = {9 = 2026-01-01T00:00:00Z}", "deadlines: no assignment is called '9'", "the assignments are"),
        ("deadlines = {8 = 2026-01-01}", "deadlines: expected datetime, got date", ""),
        ("deadlines = {8 = 2026-01-01T00:00:00}", "deadlines.8: the time has no time zone", 'timezone = "Asia/'),
        ('timezone = "Mars/Base"', "timezone: there is no time zone 'Mars/Base'", "IANA"),
    ],
)
def test_a_mistake_in_course_toml_names_the_key(root, text, problem, step):
    error = said_of_course(root, text)
    assert problem in error.problem
    assert step in (error.step or "")


def test_a_course_without_a_title_is_told_so(root):
    (root / "course.toml").write_text("")
    with pytest.raises(CourseError, match="the key 'title' is missing"):
        find_course(root)


def test_a_course_file_that_is_not_utf_8_is_named(root):
    (root / "course.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(CourseError, match="not UTF-8"):
        find_course(root)


# ---- assignment.toml -------------------------------------------------------------------------------------------


def test_everything_that_an_assignment_may_say(root):
    (root / "assignments" / "08_adamw" / "assignment.toml").write_text(
        """
title = "AdamW"
title_zh = "解耦的权重衰减"
module = "adamw"
source = "https://example.org"
hours = 6
[limits]
call_seconds = 2
[[parts]]
id = "step"
title = "A step"
points = 100
names = ["AdamW.step"]
forbidden = ["torch.optim.AdamW", "torch.optim.*", "torch.new?", "aten::_sdp_*", "aten::convolution(transposed=True)"]
[[parts]]
id = "amsgrad"
title = "AMSGrad"
points = 20
tier = "stretch"
[[parts]]
id = "fused"
title = "On a GPU"
points = 5
tier = "gpu"
"""
    )
    assignment = find_course(root).assignment("8")
    assert (assignment.number, assignment.slug, assignment.module) == (8, "adamw", "adamw")
    assert (assignment.hours, assignment.limits.call_seconds) == (6, 2)
    assert assignment.part("amsgrad").tier is Tier.STRETCH
    assert assignment.part("fused").tier is Tier.GPU
    assert assignment.possible == 105  # beside the hundred, and no bonus
    assert assignment.wants_gpu


@pytest.mark.parametrize(
    ("text", "problem", "step"),
    [
        ("title = ", "not TOML: invalid value (at end of document)", "mend that line"),
        (parts(("all", 100, "core")), "the key 'title' is missing", ""),
        (assignment_toml(ttile='"A"'), "there is no key 'ttile'", "did you mean 'title'?"),
        (assignment_toml(hours='"six"'), "hours: expected float, got str", ""),
        (assignment_toml(module='"my-module"'), "module: 'my-module' cannot be imported", "letters"),
        (assignment_toml(module='"class"'), "module: 'class' cannot be imported", "letters"),
        (assignment_toml(module='"random"'), "module: 'random' would hide another module", "of the assignment's own"),
        (assignment_toml(module='"torch"'), "module: 'torch' would hide another module", "of the assignment's own"),
        (assignment_toml() + "pionts = 3\n", "part 1: there is no key 'pionts'", "did you mean 'points'?"),
        (assignment_toml() + "title_zh = 3\n", "part 1: title_zh: expected str, got int", ""),
        (assignment_toml() + "[limits]\nmemroy = 3\n", "limits.there is no key 'memroy'", "did you mean 'memory'?"),
        (assignment_toml() + '[limits]\nmemory = "1 GB"\n', "limits.memory: expected int, got str", ""),
        (assignment_toml() + "[limits]\ncall_seconds = 0\n", "limits.call_seconds: must be above 0", "leave it out"),
        ('title = "A"\nmodule = "m"\nparts = []\n', "parts: there is none", "[[parts]]"),
        ('title = "A"\nmodule = "m"\nparts = 3\n', "parts: expected array, got int", ""),
        (assignment_toml() + parts(("more", 1, "core")), "parts: the core parts have 101 points", "make them 100"),
        (assignment_toml() + parts(("x", 21, "stretch")), "parts: the stretch parts have 21 points", "20 at most"),
        (assignment_toml() + parts(("all", 1, "stretch")), "parts: the id 'all' is used 2 times", "of its own"),
        (assignment_toml() + parts(("a b", 1, "stretch")), "part 2 (a b): the id 'a b' is not a plain name", ""),
        (assignment_toml() + parts(("x", 0, "stretch")), "part 2 (x): points: must be above 0", "delete the part"),
        (assignment_toml() + parts(("x", 1, "bonus")), "part 2: tier: invalid enum value 'bonus'", ""),
        (assignment_toml() + 'names = ["a b"]\n', "part 1 (all): names: 'a b' is not a dotted name", ""),
        (assignment_toml() + 'forbidden = ["torch."]\n', "part 1 (all): forbidden: 'torch.' is not a dotted", ""),
        (assignment_toml() + 'forbidden = ["aten::cumsum.out"]\n', "name, and no operator", "aten::cumsum, or"),
    ],
)
def test_a_mistake_in_assignment_toml_names_the_key(root, text, problem, step):
    error = said_of_assignment(root, text)
    assert problem in error.problem
    assert step in (error.step or "")


def test_an_assignment_without_its_file_is_told_so(root):
    (root / "assignments" / "08_adamw" / "assignment.toml").unlink()
    with pytest.raises(CourseError, match=r"assignment\.toml is missing"):
        find_course(root).assignment("8")


def test_a_file_that_may_not_be_read_is_named(root, monkeypatch):
    def refused(self, encoding):  # a mode of 0 would not stop root
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(CourseError, match=r"course\.toml cannot be read: Permission denied"):
        find_course(root)


def test_points_in_tenths_add_up(root):
    rows = [(f"p{n}", points, "core") for n, points in enumerate([33.3, 33.3, 33.4])]
    text = 'title = "A"\nmodule = "m"\n' + parts(*rows)
    (root / "assignments" / "08_adamw" / "assignment.toml").write_text(text)
    assert find_course(root).assignment("8").possible == pytest.approx(100)


# ---- a folder that was handed out ------------------------------------------------------------------------------


def test_a_lone_folder_is_read_whatever_it_is_called(tmp_path):
    folder = tmp_path / "AdamW (1)"
    folder.mkdir()
    (folder / "assignment.toml").write_text(assignment_toml())
    assignment = read_assignment(folder)
    assert (assignment.number, assignment.slug, assignment.solution) == (0, "AdamW (1)", None)


def test_a_lone_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CourseError, match="there is no such folder"):
        read_assignment(tmp_path / "nowhere")
