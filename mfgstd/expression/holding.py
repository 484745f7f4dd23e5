"""Many verdicts about one document in one Python function: a quick yes, or somebody must look.

Nearly every document keeps all its rules, so what several of them read is read once, before the
first: a field that is asked for often, a number that is converted, an instant that is parsed. That
is safe because a yes is only said where everything was evaluated and nothing failed: reading early
what a rule would not have reached can at worst make somebody look in vain.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from mfgstd.expression import tree as to
from mfgstd.expression.row import FAILURES, Writer, reading
from mfgstd.expression.types import Record, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mfgstd.expression.tree import Tree

#: The fields that lead from ``this`` to a value.
Path: TypeAlias = tuple[str, ...]

#: How often a field must be asked for until a variable of its own is cheaper.
_OFTEN: Final = 3

_CONVERTED: Final = (Scalar.DOUBLE, Scalar.INT, Scalar.INTEGER_TEXT)


class _Absent:
    """What stands for a field that is not there: whatever is done with it fails."""

    __slots__ = ()

    def _fail(self, *_other: object) -> NoReturn:
        raise KeyError

    __bool__ = __hash__ = _fail
    __eq__ = __ne__ = _fail


ABSENT: Final = _Absent()


def holds(
    verdicts: Sequence[tuple[Sequence[tuple[str, Tree]], Tree]],
) -> Callable[[Any], bool]:
    """Whether many verdicts about ``this`` are all surely true, in one function.

    Each goes with the lists that it is to hold for every element of, by name; one that is absent
    has none. False says no more than that somebody must look: a verdict is false, or an error.
    """
    writer = _Holding(_Uses(verdicts))
    lines = ["def hold(v_this):", "  try:", *(f"    {each}" for each in writer.shared)]
    for loops, verdict in verdicts:
        margin = "    "
        for name, over in loops:
            lines.append(f"{margin}for v_{name} in {writer.optional(over)}:")
            margin += "  "
        said = writer.write(verdict)
        asked = f"{said} is not True" if _read(verdict) else f"not {said}"
        lines.append(f"{margin}if {asked}: return False")
    lines += ["    return True", "  except FAILURES:", "    return False"]
    names = writer.uses | {"FAILURES": FAILURES, "ABSENT": ABSENT}
    # Made of names that the parser let through and of reprs of constants, never of input.
    exec("\n".join(lines), names)  # noqa: S102 - see above
    hold: Callable[[Any], bool] = names["hold"]
    return hold


class _Uses:
    """What verdicts read of ``this``, and how often."""

    def __init__(self, verdicts: Iterable[tuple[Sequence[tuple[str, Tree]], Tree]]) -> None:
        #: Each field, asked for in any way.
        self.asked: Counter[Path] = Counter()
        #: The numbers among them, with how they are written in JSON.
        self.converted: Counter[tuple[Path, Scalar]] = Counter()
        #: The texts that are read as instants.
        self.instants: Counter[Path] = Counter()
        #: The fields of which somebody asks whether they are there.
        self.optional: set[Path] = set()
        for loops, verdict in verdicts:
            for tree in (*(over for _, over in loops), verdict):
                self._count(tree)

    def _count(self, tree: Tree) -> None:
        if (path := _path(tree)) is not None:
            self.asked[path] += 1
            if isinstance(tree, to.Has):
                self.optional.add(path)
            elif isinstance(tree, to.Field) and tree.read in _CONVERTED:
                self.converted[path, Scalar(tree.read)] += 1
        if isinstance(tree, to.Call) and tree.function in ("timestamp", "seconds"):
            self.instants.update(filter(None, map(_path, tree.arguments)))
        for each in to.children(tree):
            self._count(each)


class _Holding(Writer):
    """Writes Python in which what is shared stands as a variable."""

    def __init__(self, uses: _Uses) -> None:
        super().__init__(exact=False)
        #: The lines that give the variables their values.
        self.shared: list[str] = []
        self._optional = uses.optional
        self._fields: dict[Path, str] = {}
        self._numbers: dict[tuple[Path, Scalar], str] = {}
        self._instants: dict[Path, str] = {}
        often = {path for path, times in uses.asked.items() if times >= _OFTEN}
        often |= {path for path, times in uses.instants.items() if times > 1}
        often |= {path for (path, _), times in uses.converted.items() if times > 1}
        for path in sorted(often, key=lambda each: (len(each), each)):
            self._field(path)
        for key, times in uses.converted.items():
            if times > 1:
                self._numbers[key] = self._share(key[0], reading(self._fields[key[0]], key[1]))
        for path, times in uses.instants.items():
            if times > 1:
                made = f"{self.function('timestamp')}({self._fields[path]})"
                self._instants[path] = self._share(path, made)

    def write(self, tree: Tree) -> str:
        path = _path(tree)
        if path in self._fields:
            if isinstance(tree, to.Has):
                return f"({self._fields[path]} is not ABSENT)"
            if isinstance(tree, to.Field):
                number = self._numbers.get((path, tree.read))  # type: ignore[arg-type] # a type that is no scalar is no key
                return number or reading(self._fields[path], tree.read)
        if isinstance(tree, to.Call) and tree.function in ("timestamp", "seconds"):
            instants = [self._instant(each) for each in tree.arguments]
            if tree.function == "timestamp":
                return instants[0]
            # As the function does it.
            return f"(float({instants[1]} - {instants[0]}) / 1e9)"
        return super().write(tree)

    def _instant(self, text: Tree) -> str:
        path = _path(text)
        if path in self._instants:
            return self._instants[path]
        return f"{self.function('timestamp')}({self.write(text)})"

    def _field(self, path: Path) -> str:
        """The variable of a field, made with those that it lies in."""
        if path in self._fields:
            return self._fields[path]
        above, name = path[:-1], path[-1]
        within = self._field(above) if above else "v_this"
        get = f"{within}.get({name!r}, ABSENT)" if path in self._optional else f"{within}[{name!r}]"
        self._fields[path] = self._share(above, get)
        return self._fields[path]

    def _share(self, path: Path, made: str) -> str:
        """A variable for something made of a field, which is absent where that is."""
        name = f"s{len(self.shared)}"
        if any(path[:end] in self._optional for end in range(1, len(path) + 1)):
            made = f"{made} if {self._fields[path]} is not ABSENT else ABSENT"
        self.shared.append(f"{name} = {made}")
        return name

    def unchecked(self, tree: Tree) -> str:
        """Double arithmetic that may overflow: its result says so, too."""
        if isinstance(tree, to.Arithmetic) and tree.type == Scalar.DOUBLE:
            right = self.write if tree.by == "/" else self.unchecked
            return f"({self.unchecked(tree.left)} {tree.by} {right(tree.right)})"
        return self.write(tree)

    def arithmetic(self, tree: to.Arithmetic) -> str:
        if tree.type == Scalar.DOUBLE:
            return f"finite{self.unchecked(tree)}"
        return super().arithmetic(tree)


def _read(tree: Tree) -> bool:
    """Whether the outcome may be a value of the document, which need not be true nor false."""
    match tree:
        case to.And(left, right) | to.Or(left, right):
            return _read(left) or _read(right)
        case to.Not() | to.Compare() | to.Has() | to.Contained() | to.Quantified():
            return False
        case _:
            return True


def _path(tree: Tree) -> Path | None:
    """The fields from ``this`` to what is read or asked for; ``None`` for anything else."""
    match tree:
        case to.Field(to.Variable("this"), name) | to.Has(to.Variable("this"), name):
            return (name,)
        case to.Field(to.Field(read=Record()) as of, name) | to.Has(
            to.Field(read=Record()) as of, name
        ):
            above = _path(of)
            return None if above is None else (*above, name)
        case _:
            return None
