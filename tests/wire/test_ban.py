"""What may stand in `forbidden` is read from its text, and nothing else is."""

from __future__ import annotations

import pytest

from grader.wire.ban import Ban, read


@pytest.mark.parametrize(
    ("text", "ban"),
    [
        ("torch.optim.AdamW", Ban("torch.optim.AdamW", "torch.optim.AdamW")),
        ("torch._C.Δ1", Ban("torch._C.Δ1", "torch._C.Δ1")),
        ("torch.optim.*", Ban("torch.optim.*", "torch.optim", everything=True)),
        ("xformers.*?", Ban("xformers.*?", "xformers", everything=True, optional=True)),
        ("aten::cumsum", Ban("aten::cumsum", "aten::cumsum", is_operator=True)),
        ("aten::_sdp_*_cpu?", Ban("aten::_sdp_*_cpu?", "aten::_sdp_*_cpu", is_operator=True, optional=True)),
        (
            "aten::convolution(transposed=True, groups=1)",
            Ban(
                "aten::convolution(transposed=True, groups=1)",
                "aten::convolution",
                is_operator=True,
                only=(("transposed", True), ("groups", 1)),
            ),
        ),
    ],
)
def test_an_entry_says(text, ban):
    assert read(text) == ban


@pytest.mark.parametrize(
    "text",
    [
        "", "?", "torch.", ".torch", "torch..optim", "torch.*.Adam", "torch.opt*", "torch optim", "1torch", "*",
        "torch.mean()", "torch.mean(dim=1)", "torch.mean??",
        "aten::", "::cumsum", "aten::cumsum.default", "aten:cumsum", "aten::cumsum()", "aten::cumsum(x)",
        "aten::cumsum(dim=", "aten::cumsum(dim=x)", "aten::cumsum(**{'dim': 1})", "aten::cumsum(dim=1)(dim=2)",
        "aten::cumsum(dim=print())",
    ],
)  # fmt: skip
def test_what_is_neither_a_name_nor_an_operator_is_not_read(text):
    assert read(text) is None
