"""The commands of ``conform`` about certificates: issue one, verify one, and the keys for both."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from mfgstd.errors import UsageError
from mfgstd.language import Text
from mfgstd_conformance.options import AsJson, RunFolder, no_choice, option, present

if TYPE_CHECKING:
    from mfgstd_conformance.decision import DecisionRecord

keys = typer.Typer(
    help=str(Text("Make and look at signing keys.", "서명 키를 만들고 확인합니다.")),
    no_args_is_help=True,
    rich_markup_mode=None,
)


def certify(
    folder: RunFolder,
    key: Annotated[Path, option("FILE", "The private key.", "개인 키 파일입니다.")],
    issuer: Annotated[str, option("NAME", "Who signs.", "서명하는 기관의 이름입니다.")],
    to: Annotated[
        Path | None, option("FILE", "The certificate's file.", "인증서 파일입니다.")
    ] = None,
    assurance: Annotated[
        str,
        option(
            "KIND",
            "self_declared, witnessed or laboratory.",
            "self_declared, witnessed, laboratory 중 하나입니다.",
        ),
    ] = "self_declared",
    days: Annotated[int, option("N", "Days of validity.", "유효 일수입니다.")] = 365,
    product: Annotated[
        Path | None,
        option("FILE", "The product's own file, to bind to.", "결합할 제품 파일입니다."),
    ] = None,
    decisions: Annotated[
        Path | None,
        option("FILE", "Attestations and waivers (JSON).", "확인서와 면제(JSON)입니다."),
    ] = None,
    evidence: Annotated[
        Path | None,
        option("DIR", "Where the evidence lies.", "증빙이 있는 폴더입니다."),
    ] = None,
    passphrase_env: Annotated[
        str | None,
        option("NAME", "Variable with the key's passphrase.", "키 암호가 든 환경 변수입니다."),
    ] = None,
) -> int:
    """Issue a certificate over a run, if every reason against it is absent."""
    from mfgstd_conformance import canonical, running
    from mfgstd_conformance.certificate import issue
    from mfgstd_conformance.certificate import keys as keyring
    from mfgstd_conformance.certificate.statement import Assurance, Binding

    kinds = [each.value for each in Assurance]
    if assurance not in kinds:
        raise no_choice("--assurance", assurance, kinds)
    record = _decisions(decisions)
    if evidence is None and decisions is not None:
        evidence = decisions.parent
    made = running.certifiable(folder, evidence, record)
    if product is None:
        binding = Binding.declared(made.plan.subject.to_json())
    else:
        present(product)
        binding = Binding.digest(canonical.sha256_of_file(product))
    secret = keyring.passphrase(variable=passphrase_env, prompt=_ask)
    data = issue.certify(
        made,
        key=keyring.read_private(key, secret),
        binding=binding,
        assurance=Assurance(assurance),
        issuer=issuer,
        days=days,
    )
    path = to or folder / "certificate.json"
    if path.exists():
        raise UsageError(
            Text(
                f"{path} exists already; a certificate is never overwritten.",
                f"{path} 파일이 이미 있습니다. 인증서는 덮어쓰지 않습니다.",
            )
        )
    path.write_bytes(data)
    typer.echo(str(Text(f"Certificate: {path}", f"인증서: {path}")))
    return 0


def verify(
    certificate: Annotated[
        Path,
        typer.Argument(
            metavar="CERT", help=str(Text("The certificate's file.", "인증서 파일입니다."))
        ),
    ],
    key: Annotated[
        list[Path], option("FILE", "A public key that you trust.", "신뢰하는 공개 키입니다.")
    ],
    trace: Annotated[
        Path | None,
        option("DIR", "The folder of the run.", "시험 결과 폴더입니다."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--replay",
            help=str(
                Text(
                    "Judge the trace again (needs --trace).",
                    "시험 기록을 다시 판정합니다(--trace 필요).",
                )
            ),
        ),
    ] = False,
    product: Annotated[
        Path | None, option("FILE", "The product's own file.", "제품 파일입니다.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Verify a certificate, offline; 0 valid, 1 not, 3 if no key fits."""
    from mfgstd_conformance import running
    from mfgstd_conformance.certificate import keys as keyring
    from mfgstd_conformance.certificate import verify as verifying

    if again and trace is None:
        raise UsageError(
            Text("--replay needs --trace DIR.", "--replay에는 --trace 폴더가 필요합니다.")
        )
    present(certificate)
    found = verifying.verify(
        certificate.read_bytes(),
        [keyring.read_public(each) for each in key],
        folder=trace,
        product=product,
        replay=(lambda folder: running.reopen(folder).result.verdicts) if again else None,
    )
    if json:
        steps = [each.to_json() for each in found.steps]
        typer.echo(jsonlib.dumps({"valid": found.valid, "steps": steps}, ensure_ascii=False))
        return found.exit_code
    for step in found.steps:
        typer.echo(f"{step.outcome.value:8} {step.name}: {step.text.say()}")
    valid = Text("The certificate is valid.", "인증서가 유효합니다.")
    invalid = Text("The certificate was not verified.", "인증서를 검증하지 못했습니다.")
    typer.echo(str(valid if found.valid else invalid))
    return found.exit_code


@keys.command("new", help=str(Text("Make a key pair.", "키 쌍을 만듭니다.")))
def new(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=str(
                Text(
                    "The private key; the public one goes beside it as FILE.pub.",
                    "개인 키 파일입니다. 공개 키는 옆에 FILE.pub으로 저장합니다.",
                )
            ),
        ),
    ],
    passphrase_env: Annotated[
        str | None,
        option("NAME", "Variable with the passphrase.", "암호가 든 환경 변수입니다."),
    ] = None,
) -> int:
    """Make a key pair; the private half is encrypted."""
    from mfgstd_conformance.certificate import keys as keyring

    secret = keyring.passphrase(variable=passphrase_env, prompt=_ask_twice)
    key = keyring.throwaway()
    keyring.write_private(path, key, secret)
    public = path.with_name(path.name + ".pub")
    keyring.write_public(public, key.public_key())
    typer.echo(f"{path}\n{public}\n{keyring.key_id(key.public_key())}")
    return 0


@keys.command("show", help=str(Text("Show a key's id.", "키 식별자를 봅니다.")))
def show_key(
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=str(Text("A public key.", "공개 키 파일입니다."))),
    ],
) -> int:
    """Show the id of a public key, as certificates name it."""
    from mfgstd_conformance.certificate import keys as keyring

    typer.echo(keyring.key_id(keyring.read_public(path)))
    return 0


def _decisions(path: Path | None) -> DecisionRecord | None:
    from mfgstd_conformance.decision import DecisionRecord

    return None if path is None else DecisionRecord.load(path)


def _ask() -> str:
    return _asked(confirm=False)


def _ask_twice() -> str:
    return _asked(confirm=True)


def _asked(*, confirm: bool) -> str:
    sentence = str(Text("Passphrase of the key", "키의 암호"))
    answer: str = typer.prompt(sentence, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer
