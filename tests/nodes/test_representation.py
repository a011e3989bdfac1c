"""Texts that are kept take the memory that they are long."""

import tracemalloc

import orjson

from nodes.representation import json_bytes


def test_a_kept_text_takes_no_more_memory_than_it_is_long() -> None:
    """A node keeps 20,000 answers: with the buffers in which they were written they would take 80 MB, not 10."""
    data = {"detail": "x" * 200}
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        texts = [json_bytes(data) for _ in range(1_000)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert orjson.loads(texts[0]) == data
    assert after - before < 1_000 * (len(texts[0]) + 100)
