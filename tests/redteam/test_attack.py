"""The corpus is read as text: what an attack's file says of it, and how attacks are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import Usage
from grader.redteam import attack
from grader.redteam.attack import Attack, chosen, corpus

LIES = '''"""Lies,
   and is believed."""
# ends: failed|error
# others: passed|timeout
# if it earns: look closer

raise SystemExit("an attack was imported")
'''
PLAIN = '"""Cannot be read."""\n# ends: ungradable: no such|not one\n'


@pytest.fixture
def corpus_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Read a corpus of these files, with nothing that is crafted."""
    monkeypatch.setattr(attack, "CORPUS", tmp_path)
    monkeypatch.setattr(attack, "CRAFTED", {})

    def read(**files: str) -> dict[str, Attack]:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return {one.name: one for one in corpus.__wrapped__()}

    return read


def test_a_file_says_of_itself_what_comes_of_it_and_is_not_run(corpus_of):
    one = corpus_of(semantic__lies=LIES)["lies"]
    assert (one.kind, one.tries) == ("semantic", "Lies, and is believed.")
    assert (one.ends, one.others, one.reason) == (("failed", "error"), ("passed", "timeout"), ())
    assert one.advice == "look closer"
    assert not one.passes


def test_what_cannot_be_graded_has_words_of_the_reason(corpus_of):
    one = corpus_of(takeover__plain=PLAIN)["plain"]
    assert (one.ends, one.reason) == (("ungradable",), ("no such", "not one"))
    assert one.others == ("passed",)


def test_without_a_word_of_its_own_a_hole_is_the_graders_and_a_weak_check_the_authors(corpus_of):
    found = corpus_of(takeover__plain=PLAIN, semantic__weak=PLAIN)
    assert "report it" in found["plain"].advice
    assert "check of values" in found["weak"].advice


def test_an_attack_that_does_the_honest_work_passes(corpus_of):
    assert corpus_of(leakage__looks=PLAIN.replace("ungradable: no such|not one", "passed"))["looks"].passes


def test_a_file_is_handed_in_as_a_module(corpus_of):
    assert corpus_of(semantic__lies=LIES)["lies"].craft("tiny", "x = 1\n") == {".py": b"x = 1\n"}


def test_a_folder_is_handed_in_with_what_lies_beside_the_attack(corpus_of, tmp_path):
    (tmp_path / "takeover/shadows").mkdir(parents=True)
    (tmp_path / "takeover/shadows/torch.py").write_text("sent = 'along'\n")
    one = corpus_of(takeover__shadows__attack=PLAIN)["shadows"]
    assert one.craft("tiny", "x = 1\n") == {"/tiny.py": b"x = 1\n", "/torch.py": b"sent = 'along'\n"}


def test_the_corpus_is_in_the_order_of_its_kinds_and_names(corpus_of):
    found = corpus_of(semantic__b=PLAIN, semantic__a=PLAIN, takeover__z=PLAIN, resource__a2=PLAIN)
    assert [*found] == ["z", "a", "b", "a2"]


def test_all_are_chosen_where_none_is_named():
    assert chosen(()) == corpus()


def test_attacks_are_chosen_by_name_and_by_kind():
    found = chosen(("liar_zeros", "resource"))
    assert {one.kind for one in found if one.name != "liar_zeros"} == {"resource"}
    assert "liar_zeros" in {one.name for one in found}
    assert len(found) == 1 + sum(one.kind == "resource" for one in corpus())


@pytest.mark.parametrize(
    ("name", "step"),
    [("liar_zeroes", "did you mean liar_zeros"), ("semantics", "did you mean semantic"), ("x", "--list names them")],
)
def test_an_unknown_name_is_told_the_nearest(name, step):
    with pytest.raises(Usage, match=f"there is no attack '{name}'") as refused:
        chosen((name,))
    assert step in str(refused.value)
