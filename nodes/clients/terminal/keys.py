"""What the keys are, and where they do something."""

TABS = ("points", "mine", "trip", "nodes", "operator")
"""The panes, in order; their numbers show them. The last one is for operators."""
KEYS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("slash", "filter", "key.filter", ("points", "operator")),
    ("f", "free_only", "key.free", ("points",)),
    ("r", "reserve", "key.reserve", ("points",)),
    ("c", "charge", "key.charge", ("points", "mine")),
    ("t", "add_stop", "key.add", ("points",)),
    ("right_square_bracket", "day(1)", "key.day", ("points",)),
    ("left_square_bracket", "day(-1)", "", ("points",)),
    ("w", "watch", "key.watch", ("mine",)),
    ("x", "cancel", "key.cancel", ("mine",)),
    ("o", "past", "key.over", ("mine",)),
    ("p", "plan", "key.plan", ("trip",)),
    ("a", "take", "key.take", ("trip",)),
    ("d", "remove", "key.remove", ("trip",)),
    ("z", "clear", "key.clear", ("trip",)),
    ("n", "new_point", "key.new", ("operator",)),
    ("e", "change", "key.change", ("operator",)),
    ("m", "service", "key.service", ("operator",)),
    ("k", "mended", "key.mended", ("operator",)),
)
"""Key, action, words, and the panes in which it does something."""
