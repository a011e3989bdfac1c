"""What others wrote cannot reach the terminal."""

import json

from hypothesis import given
from hypothesis import strategies as st

from nodes.clients.plain_text import SHOWN_CHARS_MAX, json_line, plain


@given(st.text())
def test_nothing_that_cannot_be_printed_is_shown(text: str) -> None:
    """No escape sequence, no bidirectional override, no line break, whatever the text."""
    assert plain(text).isprintable()
    assert len(plain(text)) <= SHOWN_CHARS_MAX


def test_what_can_be_printed_is_shown_as_it_is() -> None:
    """Accents, other scripts, and brackets that look like markup."""
    for text in ("Praça da Sé", "[bold red]x[/]", "充电站", "🔌"):
        assert plain(text) == text
    assert plain("\x1b]0;evil\x07") == "�]0;evil�"
    assert plain("a\u202eb\x9b31m\u2028") == "a�b�31m�"


@given(
    st.recursive(
        st.text() | st.integers(-(2**53), 2**53) | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_is_the_same_object_in_printable_characters(data: object) -> None:
    """Scripts read what the API said; a terminal that it is printed to is not told anything."""
    line = json_line(data)
    assert json.loads(line) == data
    assert line.isprintable()
