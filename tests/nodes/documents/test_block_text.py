"""The fast reader of block YAML against ruamel.yaml: whatever it takes, it takes the same way."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.documents import DocumentError, Plain, Positions
from nodes.documents.block_text import IrregularError, read_block
from nodes.documents.yaml_scalars import check_characters
from nodes.documents.yaml_text import read_events

KEYS = ["a", "b", "c-1", "_d", "E", "null", "yes", "1", "'q'", "a b", "?", "é"]
SCALARS = [
    "x", "x y", "22:00", "-1.5", "yes", "true", "null", "~", "'q'", '"d"', "'it''s'", '"\\t"', "é", "1e3", "0o17", "010",
    "1_000", "+.5", "./x", "a#b", "a # c", "a: b", "*a", "&a x", "!t x", "|", ">", "%", "@", "...", "---", "- x", "=", "<<",
    "x,y", "0x1F", "12e03", "1.", "2020-01-01", "1e400", ".nan", "\u00a0", "a\tb", "", " ", "#c", "x  ", "a{b", "]", "é: ",
]  # fmt: skip
FLOWS = [
    "{}", "[]", "{a: 1}", "[1, 2]", "{a: [b, {c: 1}], d: x y}", "{ a: 1 , b: 2 }", "[ 1 ]", "{a: 1,}", "[1,,2]", "{a:1}",
    "{a}", "{a: }", "[a: 1]", "{a: b: c}", "{a: 1", "{a: 1]", "{a: 1} x", "{a: 1} # c", "[{a: 1}, {b: 2}]", "{'a': 1}",
    "{a: 1, a: 2}", "{a: 'x, y'}", '{a: "x}"}', "{a: x#y}", "{a: 22:00}", "{null: 1}", "[[1], [2]]", "{a: {b: {c: 1}}}",
]  # fmt: skip
ENDS = ["", "", "", "", " ", "  # c"]


@st.composite
def blocks(draw: st.DrawFn, indent: int = 0, depth: int = 0) -> list[str]:
    """Lines of a mapping or list in block style, now and then out of style."""
    is_list = draw(st.booleans())
    lines: list[str] = []
    for number in range(draw(st.integers(1, 3))):
        pad = " " * (indent + draw(st.sampled_from([0] * 30 + [1, 2, -1])))
        head = "- " + " " * draw(st.sampled_from([0, 0, 0, 1])) if is_list else ""
        has_key = not is_list or draw(st.booleans())
        key = (draw(st.sampled_from(KEYS)) if draw(st.integers(0, 9)) == 0 else f"k{number}") if has_key else ""
        value = draw(
            st.one_of(st.sampled_from(SCALARS[:6]), st.sampled_from(SCALARS), st.sampled_from(FLOWS), st.none())
        )
        if value is not None or depth > 2 or not has_key:
            written = f"{key}: {value or ''}" if has_key else value or "x"
            lines.append(pad + head + written + draw(st.sampled_from(ENDS)))
        else:
            lines.append(pad + head + key + ":")
            deeper = indent + len(head) + draw(st.sampled_from([2, 2, 1, 4, 0]))
            lines += draw(blocks(deeper, depth + 1))
        if is_list and has_key and draw(st.booleans()):
            lines.append(" " * (indent + len(head)) + "more: 1")
        lines += draw(st.sampled_from([[]] * 6 + [[""], ["# c"], ["      # c"], ["  "]]))
    return lines


texts = st.builds(lambda lines, end: end.join(lines) + end, blocks(), st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]))


def outcome(reader: Callable[[str, str], tuple[Plain, Positions]], text: str) -> tuple[Plain, Positions] | str:
    """What the reader makes of the text."""
    try:
        return reader(text, "f.yaml")
    except DocumentError as error:
        return str(error)


@settings(max_examples=600, deadline=None)
@given(texts)
def test_what_it_reads_is_what_ruamel_reads_position_by_position(text: str) -> None:
    """Two readers of one language would be worse than a slow one, if they ever disagreed."""
    try:
        check_characters(text, "f.yaml")
        fast = outcome(read_block, text)
    except (IrregularError, DocumentError):
        return
    assert fast == outcome(read_events, text)


@pytest.mark.parametrize("value", SCALARS + FLOWS)
@pytest.mark.parametrize(
    "form", ["k: {}\n", "- {}\n", "a:\n  - k: {}\n    l: 1\n", "k: {}\n  l: 1\n", "k:\n- {}\nl: 2"]
)
def test_every_form_of_value_reads_as_ruamel_reads_it(form: str, value: str) -> None:
    """Each of these is a place where YAML readers are known to differ."""
    text = form.replace("{}", value)
    try:
        fast = outcome(read_block, text)
    except IrregularError:
        return
    assert fast == outcome(read_events, text)


@pytest.mark.parametrize(
    "text",
    [
        "points:\n  - id: a\n    location: {lat: -1.5, lon: 2}\n    terms:\n      no_show_s: 60\n",
        "points:\n- id: a\n  name: 'A b'\n\n# more\n- id: b\n  name: \"B\"\ndefaults:\n",
        "- {id: a, location: {lat: 1, lon: 2}}\r\n- {id: b, tags: [x, y]}\r\n",
    ],
)
def test_the_usual_styles_of_points_files_are_read_fast(text: str) -> None:
    """If these fell back to ruamel.yaml, a file of 10,000 points would take 15 seconds instead of one."""
    assert read_block(text, "f.yaml") == read_events(text, "f.yaml")
