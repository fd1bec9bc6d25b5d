def test_assignments_are_listed_with_points_hours_and_what_is_there(grader, course):
    output = grader("list").output
    for text in ("Tiny course", "1", "tiny", "Tiny", "100 + 10", "2"):
        assert text in output


def test_points_that_need_a_gpu_are_named(grader, course):
    file = course / "assignments" / "01_tiny" / "assignment.toml"
    file.write_text(file.read_text() + '[[parts]]\nid = "fast"\ntitle = "Fast"\npoints = 5\ntier = "gpu"\n')
    assert "100 + 5 GPU + 10" in grader("list").output


def test_an_assignment_without_a_solution_is_marked(grader, course):
    assert "handout only" not in grader("list").output
    (course / "solutions" / "01_tiny").rmdir()
    assert "handout only" in grader("list").output


def test_a_deadline_is_shown(grader, course):
    (course / "course.toml").write_text('title = "T"\n[deadlines]\n1 = 2026-03-01T23:59:00Z\n')
    assert "2026-03-01 23:59" in grader("list").output


def test_a_chinese_course_shows_chinese_titles(grader, course):
    (course / "course.toml").write_text('title = "T"\nlanguage = "zh"\n')
    assert "小作业" in grader("list").output


def test_a_broken_assignment_is_listed_and_explained(grader, course):
    (course / "assignments" / "02_next").mkdir()
    result = grader("list", code=2)
    assert "tiny" in result.stdout
    assert "cannot be read, see below" in result.stdout
    assert "assignment.toml is missing" in result.stderr


def test_piped_it_is_a_line_an_assignment(grader):
    title, headings, row = grader("list").output.splitlines()
    assert title == "Tiny course"
    assert headings.split() == ["name", "title", "points", "hours", "due"]
    assert row.split() == ["1", "tiny", "Tiny", "100", "+", "10", "2"]
