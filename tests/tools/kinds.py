"""Values for each field of the schema ``every_kind``: what it takes, and what it refuses."""

from __future__ import annotations

from typing import Any

EVERY_KIND: list[tuple[str, list[Any], list[Any]]] = [
    ("text", ["t", "가"], [5, None, ["t"], {}]),
    ("fixed", ["1.0"], ["2.0", 1.0]),
    ("word", ["on"], ["ON", "", None]),
    ("code", ["worn", "urn:x:y"], ["torn", 1]),
    ("narrow", ["a", "b:c"], ["b", "a\n"]),
    ("size", [0, 9.99], [-0.1, 10, "5", True]),
    ("count", [0, 9, 4.0], [-1, 10, 4.5, "4"]),
    ("large", [1 << 60], [(1 << 60) + 1, 0.5]),
    ("yes", [True, False], ["true", 1]),
    ("many", [[], ["a", "a"]], [["a", 1], "a", {}]),
    ("some", [["a"]], [[]]),
    ("pair", [[1, 2], [1, 2, 3]], [[1], [1, "2"]]),
    ("names", [{"ko": "가"}], [{"ko": 1}, {"KO": "가"}, []]),
    ("part", [{"x": 1}], [{}, {"y": 1}, {"x": 1, "y": 1}, {"x": "1"}, 1]),
    ("form", [{"kind": "round"}], [{"kind": "square"}, {}, {"kind": "flat", "x": 1}, []]),
    ("value", [{"one": 1}, {"two": 2}], [{"one": 1, "two": 2}, {}, {"three": 3}, {"one": "1"}]),
    ("mine", [{"$schema": "s", "x": [None]}], [{}, []]),
    ("theirs", [{}, {"x": {}}], ["x"]),
    ("other", ["x"], ["y"]),
    ("again", [{"id": "b", "note": "n", "text": "t"}], [1]),
    ("odd name", ["x"], [1]),
    ("unheard", [], ["x", None]),
]
