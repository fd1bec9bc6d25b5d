"""What is said of an answer that is not the expected one: each kind of difference, in English and in Chinese.

A sentence holds the name of what is compared, counts, axes and indices of two digits at most, and no value.
"""

from __future__ import annotations

from grader.teaching.language import spoken

NOUNS = {  # what something is, and the default name of what is compared
    "the answer": ("the answer", "结果"),
    "a bool": ("a bool", "布尔值"),
    "an int": ("an int", "整数"),
    "a float": ("a float", "浮点数"),
    "a complex number": ("a complex number", "复数"),
    "a string": ("a string", "字符串"),
    "bytes": ("bytes", "字节串"),
    "a list": ("a list", "列表"),
    "a tuple": ("a tuple", "元组"),
    "a dict": ("a dict", "字典"),
    "None": ("None", "None"),
    "a tensor": ("a tensor", "张量"),
    "an array": ("an array", "数组"),
    "a dtype": ("a dtype", "dtype"),
    "a device": ("a device", "设备"),
}

SENTENCES = {
    # ---- kinds, dtypes, shapes
    "kind": ("{name} is {actual} where {expected} is expected", "{name} 是 {actual}，而预期是 {expected}"),
    "device": ("{name} is on {actual} where {expected} is expected", "{name} 在 {actual} 上，而预期在 {expected} 上"),
    "keys_missing": ("{name} lacks {n:key|keys}", "{name} 缺少 {n} 个键"),
    "keys_extra": ("{name} has {n:key|keys} too many", "{name} 多了 {n} 个键"),
    "keys": (
        "{name} has other keys than expected: {missing} missing, {extra} too many",
        "{name} 的键与预期不同：缺少 {missing} 个，多出 {extra} 个",
    ),
    "many_keys": ("{name} has other keys than expected", "{name} 的键与预期不同"),
    "one_item_more": ("{name} has one item too many", "{name} 多了一项"),
    "one_item_less": ("{name} has one item too few", "{name} 少了一项"),
    "items_more": ("{name} has too many items", "{name} 的项数太多"),
    "items_less": ("{name} has too few items", "{name} 的项数太少"),
    "one_axis_more": ("{name} has one axis too many", "{name} 多了一维"),
    "one_axis_less": ("{name} has one axis too few", "{name} 少了一维"),
    "this_axis_more": (
        "{name} has one axis too many: without axis {axis} its shape would be right",
        "{name} 多了一维：去掉第 {axis} 维，形状就对了",
    ),
    "this_axis_less": ("{name} has one axis too few: axis {axis} is missing", "{name} 少了一维：缺第 {axis} 维"),
    "axes_more": ("{name} has too many axes", "{name} 的维数太多"),
    "axes_less": ("{name} has too few axes", "{name} 的维数太少"),
    "axes_order": (
        "{name} has its axes in another order than expected",
        "{name} 各维的顺序与预期不同",
    ),
    "another_shape": (
        "{name} has the right values, but in another shape than expected",
        "{name} 的数值正确，但形状与预期不同",
    ),
    "one_element_more": ("{name} has one element too many along axis {axis}", "{name} 在第 {axis} 维上多了一个元素"),
    "one_element_less": ("{name} has one element too few along axis {axis}", "{name} 在第 {axis} 维上少了一个元素"),
    "elements_more": ("{name} has too many elements along axis {axis}", "{name} 在第 {axis} 维上的元素太多"),
    "elements_less": ("{name} has too few elements along axis {axis}", "{name} 在第 {axis} 维上的元素太少"),
    "first_more": (
        "{name} has one element too many along axis {axis}: without the first it would be right",
        "{name} 在第 {axis} 维上多了一个元素：去掉第一个就对了",
    ),
    "last_more": (
        "{name} has one element too many along axis {axis}: without the last it would be right",
        "{name} 在第 {axis} 维上多了一个元素：去掉最后一个就对了",
    ),
    "first_less": (
        "{name} has one element too few along axis {axis}: the first is missing, the others are right",
        "{name} 在第 {axis} 维上少了一个元素：缺第一个，其余都对",
    ),
    "last_less": (
        "{name} has one element too few along axis {axis}: the last is missing, the others are right",
        "{name} 在第 {axis} 维上少了一个元素：缺最后一个，其余都对",
    ),
    # ---- single values, and lists of them
    "another": ("{name} is not the expected {kind}", "{name} 不是预期的{kind}"),
    "case": (
        "{name} differs from the expected string in upper and lower case only",
        "{name} 与预期的字符串只有大小写不同",
    ),
    "space": (
        "{name} differs from the expected string in white space only",
        "{name} 与预期的字符串只有空白不同",
    ),
    "items_order": ("{name} has the right items in another order", "{name} 的各项都对，但顺序不同"),
    "larger": ("{name} is larger than expected", "{name} 比预期的大"),
    "smaller": ("{name} is smaller than expected", "{name} 比预期的小"),
    "zero": ("{name} is 0, which is not expected", "{name} 是 0，与预期不符"),
    # ---- numbers that are none
    "nan": ("{name} is NaN{many}{where}", "{name} {many}是 NaN{where}"),
    "infinite": ("{name} is infinite{many}{where}", "{name} {many}是无穷大{where}"),
    "not_finite": ("{name} is NaN or infinite{many}{where}", "{name} {many}是 NaN 或无穷大{where}"),
    # ---- all values together
    "opposite": ("{name} has the opposite sign of what is expected", "{name} 的符号与预期相反"),
    "negation": ("{name} is the opposite of what is expected, everywhere", "{name} 处处与预期相反"),
    "conjugate": ("{name} is the complex conjugate of what is expected", "{name} 是预期结果的共轭复数"),
    "zeros": ("{name} is 0 everywhere, which is not expected", "{name} 全为 0，与预期不符"),
    "constant": (
        "{name} is the same everywhere, which is not expected",
        "{name} 处处相同，与预期不符",
    ),
    "another_constant": (
        "{name} is the same everywhere, as is expected, but not the right value",
        "{name} 处处相同，这与预期一致，但数值不对",
    ),
    "precision": (
        "{name} has the precision of {dtype} only: something in it is computed in {dtype}",
        "{name} 只有 {dtype} 的精度：其中有一步是用 {dtype} 计算的",
    ),
    "nearly": (
        "{name} differs from what is expected by less than a thousandth{many}{where}",
        "{name} {many}与预期相差不到千分之一{where}",
    ),
    "roughly": (
        "{name} is close to what is expected, but not close enough{many}{where}",
        "{name} {many}接近预期，但还不够接近{where}",
    ),
    "factor": ("{name} differs from what is expected by a constant factor", "{name} 与预期相差一个常数因子"),
    "factor_large": ("{name} is too large by a constant factor", "{name} 偏大，与预期相差一个常数因子"),
    "factor_small": ("{name} is too small by a constant factor", "{name} 偏小，与预期相差一个常数因子"),
    "factor_negative": (
        "{name} differs from what is expected by a constant factor, which is negative",
        "{name} 与预期相差一个负的常数因子",
    ),
    "factor_changes": (
        "{name} differs from what is expected by a factor that changes along axis {axis} only",
        "{name} 与预期相差一个因子，它只随第 {axis} 维变化",
    ),
    "factor_along": (
        "{name} differs from what is expected by a factor that is constant along axis {axis}",
        "{name} 与预期相差一个因子，它沿第 {axis} 维不变",
    ),
    "offset": ("{name} differs from what is expected by a constant", "{name} 与预期相差一个常数"),
    "offset_large": ("{name} is too large by a constant amount", "{name} 偏大，与预期相差一个常数"),
    "offset_small": ("{name} is too small by a constant amount", "{name} 偏小，与预期相差一个常数"),
    "offset_changes": (
        "{name} differs from what is expected by an amount that changes along axis {axis} only",
        "{name} 与预期之差只随第 {axis} 维变化",
    ),
    "offset_along": (
        "{name} differs from what is expected by an amount that is constant along axis {axis}",
        "{name} 与预期之差沿第 {axis} 维不变",
    ),
    "square": ("{name} is the square of what is expected", "{name} 是预期结果的平方"),
    "root": ("{name} is the square root of what is expected", "{name} 是预期结果的平方根"),
    "reciprocal": ("{name} is one over what is expected", "{name} 是预期结果的倒数"),
    "logarithm": ("{name} is the logarithm of what is expected", "{name} 是预期结果的对数"),
    "exponential": ("{name} is the exponential of what is expected", "{name} 是预期结果的指数"),
    # ---- right values in other places
    "transpose": ("{name} is the transpose of what is expected", "{name} 是预期结果的转置"),
    "swapped": (
        "{name} is what is expected with axes {one} and {other} swapped",
        "{name} 是预期结果交换第 {one} 维与第 {other} 维之后的样子",
    ),
    "reversed": (
        "{name} is what is expected in reverse order along axis {axis}",
        "{name} 是预期结果沿第 {axis} 维倒序之后的样子",
    ),
    "late": (
        "{name} is one step late along axis {axis}: each entry is what is expected one index earlier",
        "{name} 沿第 {axis} 维晚了一步：每一项都是预期中前一个下标的值",
    ),
    "early": (
        "{name} is one step early along axis {axis}: each entry is what is expected one index later",
        "{name} 沿第 {axis} 维早了一步：每一项都是预期中后一个下标的值",
    ),
    "order": (
        "{name} has the right entries along axis {axis}, but in another order",
        "{name} 沿第 {axis} 维的各项都对，但顺序不同",
    ),
    "elsewhere": ("{name} has the right values, but in other places", "{name} 的数值都对，但位置不对"),
    # ---- some of the values
    "differs": ("{name} differs from what is expected{many}{where}", "{name} {many}与预期不同{where}"),
    "larger_everywhere": ("{name} is larger than expected everywhere", "{name} 处处比预期的大"),
    "smaller_everywhere": ("{name} is smaller than expected everywhere", "{name} 处处比预期的小"),
    "signs": (
        "{name} has the right size, but the wrong sign{many}{where}",
        "{name} {many}大小正确而符号相反{where}",
    ),
    "some_zeros": ("{name} is 0 where it should not be{many}{where}", "{name} {many}是 0，而预期不是 0{where}"),
    "some_factor": (
        "{name} differs from what is expected by a constant factor{many}{where}",
        "{name} {many}与预期相差一个常数因子{where}",
    ),
    "some_offset": (
        "{name} differs from what is expected by a constant{many}{where}",
        "{name} {many}与预期相差一个常数{where}",
    ),
    "one_more": ("{name} is one more than expected{many}{where}", "{name} {many}比预期多一{where}"),
    "one_less": ("{name} is one less than expected{many}{where}", "{name} {many}比预期少一{where}"),
    # ---- how many, and where
    "everywhere": (" everywhere", "处处"),
    "some": (" in {n} of {total} places", "在 {total} 处中的 {n} 处"),
    "one_place": (" in one place", "在一处"),
    "percent": (" in about {percent} % of its places", "在约 {percent}% 的位置上"),
    "less_than_one": (" in less than 1 % of its places", "在不到 1% 的位置上"),
    "nearly_all": (" nearly everywhere", "在几乎所有位置上"),
    "at": (", all at {spots}", "，都在{spots}"),
    "at_one": (", at {spots}", "，在{spots}"),
    "index": ("index {index} of axis {axis}", "第 {axis} 维的下标 {index} 处"),
    "last_index": ("the last index of axis {axis}", "第 {axis} 维的最后一个下标处"),
    "one_index": ("one index of axis {axis}", "第 {axis} 维的同一个下标处"),
    "and": (" and ", "、"),
    "above": (", all above the diagonal", "，都在对角线上方"),
    "below": (", all below the diagonal", "，都在对角线下方"),
    "diagonal": (", all on the diagonal", "，都在对角线上"),
    "from": (", all from index {index} of axis {axis} on", "，都在第 {axis} 维下标 {index} 及以后"),
    "up_to": (", all up to index {index} of axis {axis}", "，都在第 {axis} 维下标 {index} 及以前"),
    # ---- after the first difference
    "other_too": ("{said}; the other value is wrong too", "{said}；另一个值也不对"),
    "others_too": ("{said}; all {total} other values are wrong too", "{said}；其余 {total} 个值也都不对"),
    "some_others": (
        "{said}; also wrong: {n} of the {total} other values",
        "{said}；其余 {total} 个值中还有 {n} 个不对",
    ),
    "many_others": ("{said}; other values are wrong too", "{said}；还有其他值不对"),
    # ---- against exact values
    "inexact": ("{name} differs from the exact values", "{name} 与精确值不同"),
    "rounding": (
        "{said}; the largest error is {times} times what rounding explains",
        "{said}；最大的误差是舍入所能解释的 {times} 倍",
    ),
    "rounding_far": (
        "{said}; the largest error is over {times} times what rounding explains",
        "{said}；最大的误差超过舍入所能解释的 {times} 倍",
    ),
}

say = spoken(SENTENCES)
_noun = spoken(NOUNS)


def noun(english: str) -> str:
    """Return what something is called; what the catalogue lacks, such as an author's own words, stays as it is."""
    return _noun(english) if english in NOUNS else english
