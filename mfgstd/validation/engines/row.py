"""The row engine: one document's verdict, fast; jsonschema-rs, or fastjsonschema without a wheel.

Both get the lowered schema, never the authored one: jsonschema-rs knows no keyword of ours, and
fastjsonschema ignores in silence whatever came after draft 07.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mfgstd.errors import StandardError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd.validation.lowering import Strictness, lower
from mfgstd.validation.reader import all_finite

if TYPE_CHECKING:
    from collections.abc import Callable

    from mfgstd.standard.catalogue import Catalogue
    from mfgstd.standard.resolved import Resolved


def row(
    within: Catalogue,
    resolved: Resolved,
    strictness: Strictness,
    engine: Literal["row", "fastjsonschema"],
) -> _Rust | _Python:
    """The compiled engine where it is installed, else the pure Python one.

    Raises:
        StandardError: the library refuses the lowered schema.
    """
    if engine == "row":
        try:
            import jsonschema_rs
        except ImportError:
            pass
        else:
            schema: dict[str, Any] = _terse(lower(resolved, within, strictness))
            try:
                validator = jsonschema_rs.Draft202012Validator(
                    schema,
                    validate_formats=False,
                    # The linear engine: no pattern can be made to take for ever.
                    pattern_options=jsonschema_rs.RegexOptions(),
                )
            except (ValueError, jsonschema_rs.ReferencingError) as error:
                raise _refused(resolved, "jsonschema-rs", error) from error
            return _Rust(validator.is_valid)
    import fastjsonschema

    schema = lower(resolved, within, strictness, "draft-07")
    try:
        check = fastjsonschema.compile(schema, use_default=False, use_formats=False)
    except fastjsonschema.JsonSchemaException as error:
        raise _refused(resolved, "fastjsonschema", error) from error
    return _Python(check, fastjsonschema.JsonSchemaException)


def _terse(node: Any) -> Any:
    """The same schema without the type of what is one of some texts anyway.

    It is asked for each value, and takes as long as any other keyword.
    """
    if isinstance(node, list):
        return [_terse(each) for each in node]
    if not isinstance(node, dict):
        return node
    said = {
        keyword: {name: _terse(each) for name, each in value.items()}
        # The names in these are no keywords.
        if keyword in ("properties", "$defs")
        else value
        if keyword in ("enum", "const")
        else _terse(value)
        for keyword, value in node.items()
    }
    if "enum" in said or "const" in said:
        said.pop("type", None)
    return said


class _Rust:
    def __init__(self, is_valid: Callable[[Any], bool]) -> None:
        #: The library's own answer; it raises for what no JSON text can hold.
        self.bare = is_valid

    def is_valid(self, document: Any) -> bool:
        try:
            return self.bare(document)
        except (ValueError, TypeError):
            # Something that no JSON text can hold: a NaN, a date, a key that is no string.
            return False


class _Python:
    def __init__(self, check: Callable[[Any], Any], refusal: type[Exception]) -> None:
        self._check = check
        self._refusal = refusal

    def is_valid(self, document: Any) -> bool:
        try:
            self._check(document)
        except self._refusal:
            return False
        # fastjsonschema lets infinity and NaN pass as numbers.
        return all_finite(document)


def _refused(resolved: Resolved, library: str, error: Exception) -> StandardError:
    return StandardError(
        Text(
            f"{library} cannot take this schema: {error}",
            f"{library}에서 이 스키마를 처리할 수 없습니다: {error}",
        ),
        place=Place(path=resolved.id),
    )
