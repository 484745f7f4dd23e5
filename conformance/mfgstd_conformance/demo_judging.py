"""The second half of ``mfgstd demo``: the judge, a certificate, and who can check it.

Two products are judged: the files that were collected, and the adapter that collected them. Only
the files get a certificate. One for the adapter needs the word of a person (who answers
questions?), and a demo has nobody to give it.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mfgstd.language import Text
from mfgstd_conformance.own_command import run, say

#: SHDR has no sequence numbers: `loss_proof` would be an empty claim here.
_FILES_CAN: Final = "numbers,states,alarms,envelopes"
_ADAPTER_CAN: Final = "numbers,states,alarms,loss_proof"

_WHO: Final = "mfgstd demo"

#: The name of the variable that hands the passphrase of the key to the children that need it.
_SECRET: Final = "MFGSTD_DEMO_PASSPHRASE"  # noqa: S105 - a variable's name


async def judge_and_certify(collected: Path, folder: Path) -> int:
    """Judge a collected folder and its adapter, certify the former, and verify the certificate.

    Everything goes into new folders in ``folder``. The exit code is the first that is not 0.
    """
    files, adapter = folder / "judged-files", folder / "judged-adapter"
    say(
        Text(
            "5. `mfgstd conform run` judges what was collected (files: never above level schema):",
            "5. `mfgstd conform run`으로 수집한 데이터를 판정합니다(파일은 schema 수준까지):",
        )
    )
    codes = [
        await _shown(
            "conform", "run", f"file:{collected}", "--capabilities", _FILES_CAN,
            "--product-name", f"{_WHO}: {collected.name}", "--supplier", _WHO, "--to", str(files),
        )
    ]  # fmt: skip
    say(
        Text(
            "   And the adapter itself, on a shop of the judge's own that also fails on purpose:",
            "   어댑터 자체도 판정합니다. 시험 도구의 모의 공장은 일부러 장애도 일으킵니다:",
        )
    )
    codes.append(
        await _shown(
            "conform", "run", "python:mtconnect", "--capabilities", _ADAPTER_CAN,
            "--to", str(adapter),
        )
    )  # fmt: skip
    if codes[0]:
        say(
            Text(
                "6. There is no certificate: the collected data was not found to conform.",
                "6. 수집한 데이터가 적합 판정을 받지 못하여 인증서를 발급하지 않습니다.",
            )
        )
    else:
        codes.append(await _certified(files, folder / "demo-key.pub"))
    return next((code for code in codes if code), 0)


async def _certified(judged: Path, public: Path) -> int:
    """Certify with a key that is gone afterwards, and verify with what is left."""
    say(
        Text(
            "6. `mfgstd conform certify` certifies the files with a throw-away key. For the "
            "adapter a person\n   would have to attest something; the demo cannot, and does not "
            "ask for that certificate.",
            "6. `mfgstd conform certify`로 파일에 대한 인증서를 일회용 키로 발급합니다. 어댑터의 "
            "인증서에는\n   담당자의 확인서가 필요하므로, 데모에서는 발급하지 않습니다.",
        )
    )
    with TemporaryDirectory(prefix="mfgstd-demo-") as place:
        # Should this process be killed, what is left is encrypted, and the passphrase is gone.
        variables = {_SECRET: secrets.token_urlsafe(24)}
        key = Path(place) / "key"
        code = await _shown(
            "conform", "keys", "new", str(key), "--passphrase-env", _SECRET, variables=variables
        )
        code = code or await _shown(
            "conform", "certify", str(judged), "--key", str(key), "--passphrase-env", _SECRET,
            "--issuer", _WHO, "--assurance", "self_declared", "--days", "1", variables=variables,
        )  # fmt: skip
        if code:
            return code
        await asyncio.to_thread(shutil.copyfile, f"{key}.pub", public)
    say(
        Text(
            f"   The private key is deleted; the public one is {public}.",
            f"   개인 키는 삭제했습니다. 공개 키: {public}",
        )
    )
    say(
        Text(
            "7. `mfgstd conform verify` believes none of this, and needs no network:",
            "7. `mfgstd conform verify`는 아무것도 전제하지 않고 네트워크 없이 검증합니다:",
        )
    )
    code = await _shown(
        "conform", "verify", str(judged / "certificate.json"), "--key", str(public),
        "--trace", str(judged), "--replay",
    )  # fmt: skip
    if not code:
        say(_PROVEN)
    return code


_PROVEN: Final = Text(
    "   Proven: the holder of this key vouches for these verdicts, nothing was changed since, and\n"
    "   anybody who judges the recorded trace again comes to the same verdicts.\n"
    "   Not proven: who holds the key (nobody: it was thrown away), that a person attested\n"
    "   anything, or that the values are true: the level schema judges files, not machines.",
    "   증명하는 것: 이 키의 소유자가 이 판정을 보증하고, 그 뒤로 아무것도 바뀌지 않았으며,\n"
    "   누구든 시험 기록을 다시 판정하면 같은 결과를 얻습니다.\n"
    "   증명하지 않는 것: 키의 소유자가 누구인지(일회용 키라 이미 없습니다), 담당자가 확인한 "
    "사항이 있는지,\n"
    "   값이 실제와 같은지는 증명하지 않습니다. schema 수준은 설비가 아닌 파일만 판정합니다.",
)


async def _shown(*arguments: str, variables: dict[str, str] | None = None) -> int:
    """Show a command as it can be typed, then what it prints, as it comes."""
    say(f"   $ {shlex.join(('mfgstd', *arguments))}")
    code, _ = await run(*arguments, show=True, variables=variables)
    return code
