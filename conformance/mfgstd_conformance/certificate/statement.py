"""What a certificate states: an in-toto Statement v1 with our predicate.

The predicate carries every verdict, so that a reader can hold the certificate against the plan,
against a replay, and against the certificate's own summary, without asking the issuer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from mfgstd_conformance import canonical
from mfgstd_conformance.decision import MET, Standing
from mfgstd_conformance.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mfgstd_conformance.decision import Decision
    from mfgstd_conformance.plan import Plan

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://w3id.org/mfgstd/certificate/1"


class Assurance(StrEnum):
    """Who stands behind the run."""

    SELF_DECLARED = "self_declared"
    """The supplier ran the suite."""
    WITNESSED = "witnessed"
    """Somebody else watched."""
    LABORATORY = "laboratory"
    """Somebody else ran it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """How the certificate is tied to the product; ``sha256`` is what in-toto calls the subject.

    ``digest``: of the product's own bytes. ``observed_nameplate``: of what the product said of
    itself during the run. ``declared``: of name, version and supplier as they were written down.
    """

    kind: str
    sha256: str
    nameplate: Mapping[str, str] | None = None

    @classmethod
    def digest(cls, sha256: str) -> Binding:
        """The product is a file or package, and this is its SHA-256."""
        return cls(kind="digest", sha256=sha256)

    @classmethod
    def observed_nameplate(cls, nameplate: Mapping[str, str]) -> Binding:
        """The product reported this about itself: manufacturer, serial number, software."""
        return cls(
            kind="observed_nameplate",
            sha256=canonical.sha256(canonical.encode(dict(nameplate))),
            nameplate=dict(nameplate),
        )

    @classmethod
    def declared(cls, product: Mapping[str, str]) -> Binding:
        """Nothing but the supplier's word ties the certificate to the product."""
        return cls(kind="declared", sha256=canonical.sha256(canonical.encode(dict(product))))

    def to_json(self) -> dict[str, Any]:
        """As the predicate holds it."""
        record: dict[str, Any] = {"kind": self.kind, "sha256": self.sha256}
        if self.nameplate is not None:
            record["nameplate"] = dict(self.nameplate)
        return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """SHA-256 of the bytes of each file that a certificate rests on."""

    trace: str
    """Of the trace's manifest, which has the digest of every file of the trace."""
    ledger: str
    result: str


def build(
    *,
    plan: Plan,
    decisions: Mapping[str, Decision],
    digests: Digests,
    seed: int,
    observations: int,
    binding: Binding,
    assurance: Assurance,
    issuer: str,
    issued: str,
    until: str,
) -> dict[str, Any]:
    """The statement as JSON values; decides nothing (``issue.certify`` does)."""
    product = plan.subject.to_json()
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {
                "name": f"{plan.subject.name} {plan.subject.version}",
                "digest": {"sha256": binding.sha256},
            }
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "product": product,
            "binding": binding.to_json(),
            "assurance": {"kind": assurance.value, "issuer": issuer},
            "profile": {
                "id": plan.profile_id,
                "version": plan.profile_version,
                "level": plan.level.value,
            },
            "capabilities": list(plan.capabilities),
            "suite": {"name": "mfgstd", "version": plan.suite_version},
            "access": plan.access.value,
            "issued": issued,
            "validity": {"from": issued, "until": until},
            "plan": {"sha256": plan.digest},
            "trace": {"sha256": digests.trace},
            "ledger": {"sha256": digests.ledger},
            "result": {"sha256": digests.result},
            "seed": seed,
            "observations": observations,
            "verdicts": {name: each.verdict.value for name, each in decisions.items()},
            "summary": {
                "verdicts": _counts(each.verdict.value for each in decisions.values()),
                "notApplicable": [each.to_json() for each in plan.not_applicable],
                "waived": [
                    each.waiver.to_json()
                    for each in decisions.values()
                    if each.standing is Standing.WAIVED and each.waiver is not None
                ],
                "attested": [
                    each.attestation.to_json()
                    for each in decisions.values()
                    if each.standing is Standing.ATTESTED and each.attestation is not None
                ],
                "neverPlanned": [each.to_json() for each in plan.never_planned],
            },
        },
    }


def contradictions(statement: Mapping[str, Any], plan: Plan | None) -> Iterator[str]:
    """Where a statement of the right shape says two things that cannot both be true.

    A signature proves who said it, not that it adds up. ``plan`` is the plan of the run, where
    it is at hand and its digest was checked.
    """
    predicate = statement["predicate"]
    binding, product = predicate["binding"], predicate["product"]
    subject = statement["subject"][0]
    if subject["digest"]["sha256"] != binding["sha256"]:
        yield "the subject's digest is not the binding's"
    if subject["name"] != f"{product['name']} {product['version']}":
        yield "the subject's name is not the product's"
    said = {"observed_nameplate": binding.get("nameplate"), "declared": product}.get(
        binding["kind"]
    )
    if said is not None and canonical.sha256(canonical.encode(said)) != binding["sha256"]:
        yield "the binding's digest is not that of what it binds"
    verdicts, summary = predicate["verdicts"], predicate["summary"]
    if _counts(verdicts.values()) != summary["verdicts"]:
        yield "the summary counts other verdicts than it lists"
    excused = {each["requirement"] for each in (*summary["waived"], *summary["attested"])}
    met = {each.value for each in MET}
    for name, verdict in verdicts.items():
        if verdict in {Verdict.FAIL.value, Verdict.ERROR.value} and name not in excused:
            yield f"{name} is {verdict}, and nothing excuses it"
    if plan is None:
        return
    if verdicts.keys() != {each.requirement for each in (*plan.planned, *plan.attested)}:
        yield "the verdicts are not those of the planned requirements"
    for each in (*plan.planned, *plan.attested):
        verdict = verdicts.get(each.requirement)
        if each.obligation == "MUST" and verdict not in met and each.requirement not in excused:
            yield f"{each.requirement} is a MUST, it is {verdict}, and nothing excuses it"
    if summary["notApplicable"] != [each.to_json() for each in plan.not_applicable]:
        yield "it lists other requirements as not applicable than the plan"
    if summary["neverPlanned"] != [each.to_json() for each in plan.never_planned]:
        yield "it lists other requirements as untestable than the plan"
    waived = {each["requirement"] for each in summary["waived"]}
    if len(waived) > plan.waivers.at_most or waived & plan.waivers.never:
        yield "it waives more than the profile allows"
    if product != plan.subject.to_json():
        yield "the product is not the plan's"
    profile = {
        "id": plan.profile_id,
        "version": plan.profile_version,
        "level": plan.level.value,
    }
    if predicate["profile"] != profile or predicate["capabilities"] != list(plan.capabilities):
        yield "profile, level or capabilities are not the plan's"


def _counts(verdicts: Any) -> dict[str, int]:
    return dict(Counter(verdicts))
