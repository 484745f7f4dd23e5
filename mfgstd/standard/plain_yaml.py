"""The YAML of the standard (rules, machines, migrations), read in one way everywhere."""

from __future__ import annotations

from typing import Any


def read_yaml(text: str) -> Any:
    """YAML as the JSON that it says; keys stay texts, and no text becomes a date.

    Raises:
        ValueError: it is not YAML.
    """
    import yaml

    try:
        top = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None

    def value(node: Any) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [value(each) for each in node.value]
        if isinstance(node, yaml.MappingNode):
            return {str(key.value): value(each) for key, each in node.value}
        return _scalar(str(node.value), node.tag)

    return None if top is None else value(top)


def _scalar(text: str, tag: str) -> Any:
    match tag.rpartition(":")[2]:
        case "bool":
            # YAML 1.1 calls `on` and `no` truth values; here they are words.
            return text.lower() == "true" if text.lower() in {"true", "false"} else text
        case "int":
            return int(text.replace("_", ""), 0)
        case "float":
            return float(text.replace("_", ""))
        case "null":
            return None
        case _:
            return text
