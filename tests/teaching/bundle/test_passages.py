from pathlib import Path

import pytest

from grader.teaching.bundle.passages import passages, statements
from grader.teaching.bundle.texts import squeezed


def said(code, **how):
    return [(each.line, each.code) for each in statements(code, Path("x.py"), "x", **how)]


def test_a_statement_is_one_passage_however_it_is_laid_out():
    code = "total = accumulate(\n    values,  # all\n    start=0,\n)\n"
    assert said(code) == [(1, squeezed("total = accumulate(values, start=0)"))]


def test_of_a_block_the_head_is_one_and_each_statement_in_it():
    code = "for step in range(steps):\n    if step:\n        state = update(state)\n"
    assert said(code) == [(1, "forstepinrange(steps):"), (2, "ifstep:"), (3, "state=update(state)")]


@pytest.mark.parametrize("code", ["root = scale * torch.sqrt(x)", "root += scale * torch.sqrt(x)"])
def test_a_formula_is_one_by_whatever_name_it_goes(code):
    assert said(code, formulas=True) == [(1, squeezed(code)), (1, "scale*torch.sqrt(x)")]
    assert said(code) == [(1, squeezed(code))]


def test_a_formula_that_is_returned_is_one_also_of_a_function_without_a_name():
    code = "def f(x):\n    return lambda y: scale * torch.sqrt(y)"
    assert said(code, formulas=True)[2] == (2, "lambday:scale*torch.sqrt(y)")


def test_one_call_alone_is_no_formula():
    assert said("noise = torch.randn(3, 4)", formulas=True) == [(1, "noise=torch.randn(34)")]


@pytest.mark.parametrize(
    "code", ['"""Documentation of some length."""', "import torch.nn.functional", "pass", "optimizer.zero_grad()"]
)
def test_what_anybody_writes_is_none(code):
    assert said(code) == []


def test_letters_of_any_alphabet_do_not_shift_what_is_cut():
    assert said('name = "有"; other = "中文"') == [(1, 'name="有"'), (1, 'other="中文"')]


def test_of_the_source_only_the_regions_are_secret(tiny):
    own = {passage.code for passage in passages(tiny) if passage.path.name == "tiny.py"}
    assert squeezed('raise ValueError(f"factor must not be negative: {factor}")') in own
    assert not any("class" in code or "__call__" in code for code in own)


def test_short_statements_tell_nothing(tiny):
    assert "returntorch.add(xx)" not in {passage.code for passage in passages(tiny)}


def test_checks_are_looked_for_three_statements_at_a_time(tiny):
    hidden = [passage for passage in passages(tiny) if passage.path.name.startswith("test_hidden")]
    assert hidden
    assert all(len(passage.code) >= 80 for passage in hidden)
