"""The commands of ``conform`` about certificates: issue one, verify one, and the keys for both."""

from __future__ import annotations

import json as jsonlib
import warnings
from getpass import GetPassWarning
from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mfgstd.errors import UsageError
from mfgstd.finding import Place
from mfgstd.language import Text
from mfgstd_conformance.errors import KeyRefused
from mfgstd_conformance.options import AsJson, RunFolder, no_choice, option, present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mfgstd_conformance.certificate.verify import Revocations, Verification
    from mfgstd_conformance.decision import DecisionRecord

#: The certificate's name in the folder of its run, unless another is given.
CERTIFICATE: Final = "certificate.json"

#: A folder with none of these is no run; one that lacks some of them is a damaged one.
_PARTS: Final = ("plan.json", "result.json", "trace/manifest.json")

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
    present(decisions)
    path = to or folder / CERTIFICATE
    if path.exists():
        raise _there_already(path)
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
    _write_new(path, data)
    typer.echo(str(Text(f"Certificate: {path}", f"인증서: {path}")))
    check = f"mfgstd conform verify {path} --key PUBLIC_KEY --trace {folder} --replay"
    typer.echo(
        str(
            Text(
                f"Anybody with the public key and this folder can check it: `{check}`",
                f"공개 키와 이 폴더가 있으면 누구나 검증할 수 있습니다: `{check}`",
            )
        )
    )
    return 0


def _write_new(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise _there_already(path) from None
    except OSError as error:
        raise UsageError(
            Text(
                f"The certificate cannot be written here: {error.strerror or error}.",
                f"인증서를 이 위치에 저장할 수 없습니다: {error.strerror or error}",
            ),
            place=Place(path=str(path)),
        ) from error


def _there_already(path: Path) -> UsageError:
    return UsageError(
        Text(
            "This exists already; a certificate is never overwritten.",
            "이미 있습니다. 인증서는 덮어쓰지 않습니다.",
        ),
        place=Place(path=str(path)),
        hint=Text("Name another file with --to.", "--to로 다른 파일을 지정하세요."),
    )


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
    revocations: Annotated[
        Path | None,
        option(
            "LOG",
            "The revocation log; its signed checkpoint lies beside it as LOG.checkpoint.",
            "폐지 기록입니다. 서명된 체크포인트는 옆에 LOG.checkpoint로 두어야 합니다.",
        ),
    ] = None,
    registrar: Annotated[
        list[Path] | None,
        option(
            "FILE",
            "A public key that may sign checkpoints (default: those of --key).",
            "체크포인트에 서명할 수 있는 공개 키입니다(기본값: --key의 키).",
        ),
    ] = None,
    json: AsJson = False,
) -> int:
    """Verify a certificate, offline; 0 valid, 1 not, 3 if what was asked cannot be decided."""
    from mfgstd_conformance import running
    from mfgstd_conformance.certificate import keys as keyring
    from mfgstd_conformance.certificate import verify as verifying
    from mfgstd_conformance.verified import verification_lines

    if again and trace is None:
        raise UsageError(
            Text("--replay needs --trace DIR.", "--replay에는 --trace 폴더가 필요합니다.")
        )
    _present_certificate(certificate)
    present(product)
    if trace is not None and not any((trace / each).exists() for each in _PARTS):
        raise running.no_run(trace)
    found = verifying.verify(
        certificate.read_bytes(),
        [keyring.read_public(each) for each in key],
        folder=trace,
        product=product,
        replay=(lambda folder: running.reopen(folder).result.verdicts) if again else None,
        revocations=None if revocations is None else _revocations(revocations, registrar or key),
    )
    asked = {"product": product is not None, "revocation": revocations is not None}
    code = _code(found, [step for step, wanted in asked.items() if wanted])
    if json:
        steps = [each.to_json() for each in found.steps]
        shown = {"valid": found.valid, "steps": steps, "certificate": found.predicate}
        typer.echo(jsonlib.dumps(shown, ensure_ascii=False))
        return code
    for line in verification_lines(found, code):
        typer.echo(line)
    return code


def _code(found: Verification, asked: Sequence[str]) -> int:
    """The verification's own code; 3 if the reader asked for a step that could not be decided."""
    from mfgstd_conformance.certificate.verify import Outcome

    if found.exit_code == 0 and any(found.step(each).outcome is Outcome.UNKNOWN for each in asked):
        return 3
    return found.exit_code


def _revocations(log: Path, keys: Sequence[Path]) -> Revocations:
    from mfgstd_conformance.certificate import keys as keyring
    from mfgstd_conformance.certificate.dsse import ENVELOPE_LIMIT
    from mfgstd_conformance.certificate.verify import Revocations

    checkpoint = log.with_name(log.name + ".checkpoint")
    present(log, checkpoint)
    with checkpoint.open("rb") as stream:
        # One byte more than is allowed, so that too long is noticed and not cut.
        signed = stream.read(ENVELOPE_LIMIT + 1)
    return Revocations(
        log=log, checkpoint=signed, keys=tuple(keyring.read_public(each) for each in keys)
    )


def _present_certificate(path: Path) -> None:
    if (path / CERTIFICATE).is_file():
        raise UsageError(
            Text("This is a folder.", "폴더입니다."),
            place=Place(path=str(path)),
            hint=Text(
                f"Name the certificate in it: {path / CERTIFICATE}",
                f"그 안의 인증서 파일을 지정하세요: {path / CERTIFICATE}",
            ),
        )
    present(path)


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
    name = keyring.key_id(key.public_key())
    for line in (
        Text(
            f"Private key: {path} (encrypted; keep it secret)",
            f"개인 키: {path} (암호화됨, 비밀로 보관)",
        ),
        Text(f"Public key:  {public} (hand it out)", f"공개 키: {public} (배포용)"),
        Text(f"Key id:      {name}", f"키 식별자: {name}"),
    ):
        typer.echo(str(line))
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
    try:
        with warnings.catch_warnings():
            # Without a terminal the passphrase would be shown, or read from who knows where.
            warnings.simplefilter("error", GetPassWarning)
            answer: str = typer.prompt(
                sentence, hide_input=True, confirmation_prompt=confirm, err=True
            )
    except GetPassWarning:
        raise KeyRefused(
            Text(
                "There is no terminal to ask for the passphrase.",
                "암호를 입력받을 터미널이 없습니다.",
            ),
            hint=Text(
                "Put it into an environment variable, and give its name with --passphrase-env.",
                "암호를 환경 변수에 넣고 그 이름을 --passphrase-env로 지정하세요.",
            ),
        ) from None
    return answer
