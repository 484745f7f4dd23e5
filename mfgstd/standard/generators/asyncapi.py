"""Target ``asyncapi``: an AsyncAPI 3.0 document with a message and a channel for each entity.

A message is a CloudEvents 1.0 event in structured JSON mode: everything is in the payload, and the
one header says so. A channel is an address template of domain and entity, below the site. Who
sends and who receives is the application's to say: it adds its ``operations`` and ``servers``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mfgstd.errors import StandardError
from mfgstd.language import Text
from mfgstd.standard.generators.components import WHERE, Dialect, Schema, components, latest
from mfgstd.standard.generators.openapi import LICENSE
from mfgstd.standard.resolved import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd.standard.resolved import Resolved

#: CloudEvents JSON event format 1.0, section 3: the media type of a structured event.
CONTENT_TYPE: Final = "application/cloudevents+json"

_DIALECT: Final = Dialect(beside_ref=False, discriminator=False)
_ENVELOPE: Final = "CloudEvent"

_SITE: Final = {
    "description": "The site that the data comes from, in a form that the broker allows as a step."
}


def generate(schemas: Sequence[Resolved]) -> dict[str, str]:
    """``asyncapi.json``, an AsyncAPI 3.0 document.

    Without the schema of the envelope the payload of a message is the bare entity.

    Raises:
        StandardError: two schemas want the same component name.
    """
    made = components(schemas, _DIALECT)
    envelope = made.get(_ENVELOPE)
    channels: Schema = {}
    messages: Schema = {}
    payloads: Schema = {}
    for each in schemas:
        if not each.is_entity or each.domain == "envelope":
            continue
        payload = each.name
        if envelope is not None:
            payload = f"{each.name}Message"
            payloads[payload] = _event(envelope, each)
        messages[each.name] = _message(each, payload, wrapped=envelope is not None)
        channels[each.name] = _channel(each)
    if taken := sorted(payloads.keys() & made.keys()):
        raise StandardError(
            Text(
                f"The message of an entity and a schema want the same name: {', '.join(taken)}.",
                f"엔티티의 메시지와 스키마가 같은 이름을 씁니다: {', '.join(taken)}.",
            )
        )
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "mfgstd",
            "version": latest(schemas),
            "description": "Manufacturing data on its way, as CloudEvents in structured JSON.",
            "license": {
                "name": LICENSE["name"],
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": CONTENT_TYPE if envelope is not None else "application/json",
        "channels": dict(sorted(channels.items())),
        "components": {
            "messages": dict(sorted(messages.items())),
            "schemas": dict(sorted({**made, **payloads}.items())),
            "parameters": {"site": _SITE},
        },
    }
    return {"asyncapi.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"}


def _channel(each: Resolved) -> Schema:
    return {
        "address": f"mfgstd/{{site}}/{each.domain}/{each.slug}/{_major(each)}",
        "title": each.notes.label.en,
        "description": f"Each {each.name} of one site.",
        "parameters": {"site": {"$ref": "#/components/parameters/site"}},
        "messages": {each.name: {"$ref": f"#/components/messages/{each.name}"}},
    }


def _message(each: Resolved, payload: str, *, wrapped: bool) -> Schema:
    headers = {
        "type": "object",
        "properties": {
            "content-type": {
                "type": "string",
                "description": "In MQTT 5 the property Content Type; in Kafka this header.",
                "pattern": f"^{CONTENT_TYPE.replace('+', '[+]')}(; *charset=[Uu][Tt][Ff]-8)?$",
            }
        },
        "required": ["content-type"],
    }
    return {
        "name": each.name,
        "title": each.notes.label.en,
        "summary": each.notes.description.en,
        "contentType": CONTENT_TYPE if wrapped else "application/json",
        **({"headers": headers} if wrapped else {}),
        "payload": {"$ref": WHERE + payload},
        "x-mfg-label": each.notes.label._asdict(),
    }


def _event(envelope: Schema, each: Resolved) -> Schema:
    """The envelope around one entity: its ``data``, and what the attributes then must say."""
    kind = "[.]".join(("org", "mfgstd", each.domain, each.slug.replace("-", "_")))
    narrowed: Schema = {
        "data": {"$ref": WHERE + each.name},
        "dataschema": {"type": "string", "const": each.id},
        "type": {"type": "string", "pattern": f"^{kind}[.][a-z][a-z_]*[.]v{_major(each)}$"},
    }
    keywords = ("type", "required", "additionalProperties")
    kept = {key: envelope[key] for key in keywords if key in envelope}
    return {
        "title": f"{each.name}Message",
        "description": f"A {_ENVELOPE} whose data is one {each.name}.",
        **kept,
        "properties": {**envelope["properties"], **narrowed},
    }


def _major(each: Resolved) -> str:
    return each.id.removeprefix(NAMESPACE).split("/")[2]
