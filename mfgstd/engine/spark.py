"""Apache Spark, connected so that it says what DuckDB says; for data beyond one machine.

Everything in which Spark's answers depend on its settings is set here, over whatever the site's
``spark-defaults.conf`` says: time zone, ANSI mode, case of column names, files that are damaged or
gone. How a cluster is reached (secrets, memory, executors) is the site's own business and is read
from that file, as ever: ``SPARK_CONF_DIR`` names its folder.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import tempfile
from contextlib import contextmanager
from logging import CRITICAL, getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mfgstd.engine import Session, microseconds
from mfgstd.errors import MissingExtra, SystemFault, UsageError
from mfgstd.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Every processor of this machine, in one process: for a look, and for small things.
LOCAL: Final = "local[*]"

#: What decides about answers.
_MEANING: Final[Mapping[str, str]] = {
    "spark.sql.session.timeZone": "UTC",
    # What cannot be computed is null, which our expressions read as an error of the rule. In ANSI
    # mode it would end the job, and one odd value would leave everybody else's unjudged.
    "spark.sql.ansi.enabled": "false",
    # Without ANSI the size of null would be -1, which is a number like any other.
    "spark.sql.legacy.sizeOfNull": "false",
    # `Unit` is an unknown column, not `unit`.
    "spark.sql.caseSensitive": "true",
    # A file that cannot be read is told. It is never passed over.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.mergeSchema": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
}
#: What decides about what else happens: nothing is served, nothing is drawn.
_MANNERS: Final[Mapping[str, str]] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.execution.pyspark.udf.simplifiedTraceback.enabled": "true",
}
_LOGGING: Final = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
"""

_STANDALONE: Final = re.compile(r"spark://(?P<hosts>[^/]+)\Z")
_REACH_SECONDS: Final = 10.0


@contextmanager
def spark_session(
    master: str = LOCAL, *, settings: Mapping[str, str] | None = None, folder: Path | None = None
) -> Iterator[Session]:
    """A Spark application of its own, ended on leaving; ``raw`` is the ``SparkSession``.

    What Spark and Java say goes to ``spark.log`` in the session's folder, not to the user's
    terminal. A process has one Spark at a time.

    Args:
        master: Spark's own address of a cluster, as ``spark://host:7077``, or ``local[2]``.
        settings: further settings of Spark; those that decide about answers cannot be changed.
        folder: where the private folder is made; the system's place for such by default.

    Raises:
        MissingExtra: the extra ``spark`` is not installed.
        UsageError: there is no Java, the address is none, or this process has a Spark already.
        SystemFault: the cluster is not reached, or refuses.
    """
    try:
        import ibis  # noqa: F401 - so that its absence is told by name
        import pyspark  # noqa: F401 - so that its absence is told by name
    except ImportError as error:
        raise MissingExtra(error.name or "pyspark", "spark") from error
    _check(master)
    private = Path(tempfile.mkdtemp(prefix="mfgstd-spark-", dir=folder))
    try:
        with _started(master, {**(settings or {}), **_MANNERS, **_MEANING}, private) as session:
            yield Session(_connected(session), session, private, microseconds("unix_micros"))
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _connected(session: Any) -> Any:
    """The Ibis backend of a session."""
    import ibis

    from mfgstd.engine.spark_dialect import Compiler

    backend = ibis.pyspark.connect(session)
    backend.compiler = Compiler()
    return backend


def frame(session: Session, expression: Any) -> Any:
    """A query as a ``DataFrame`` of the session, with the Python functions that it calls."""
    from mfgstd.engine.spark_dialect import written

    session.ibis._register_udfs(expression)  # noqa: SLF001 - else only done by what makes pandas of all
    return session.raw.sql(written(session.ibis.compiler.to_sqlglot(expression)))


def refusals() -> tuple[type[Exception], ...]:
    """What Spark raises when a query or a job fails."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (PySparkException, Py4JError)


def failed(error: Exception) -> SystemFault:
    """A job that failed, as a user is told."""
    said = [each.strip() for each in str(error).splitlines() if each.strip()]
    # Of a worker's traceback the last line of Python says most.
    reason = next((each for each in said if "Error: " in each), said[0] if said else "")[:300]
    return SystemFault(
        Text(f"The Spark job failed: {reason}", f"Spark 작업이 실패했습니다: {reason}"),
        hint=Text(
            "Do all workers have the same mfgstd, and memory enough? PYSPARK_PYTHON names their "
            "Python.",
            "모든 작업자에 같은 버전의 mfgstd와 충분한 메모리가 있습니까? 작업자의 Python은 "
            "PYSPARK_PYTHON으로 지정합니다.",
        ),
    )


def _check(master: str) -> None:
    """What can be told before Java is started; Spark itself tries a wrong address for minutes."""
    if not os.environ.get("JAVA_HOME") and shutil.which("java") is None:
        raise UsageError(
            Text(
                "Spark needs Java 17, and there is no `java` on this machine's PATH.",
                "Spark에는 Java 17이 필요하지만 PATH에서 `java`를 찾을 수 없습니다.",
            ),
            hint=Text(
                "Install it (on Debian: apt install openjdk-17-jre-headless), or set JAVA_HOME.",
                "설치하거나(Debian: apt install openjdk-17-jre-headless) JAVA_HOME을 지정하십시오.",
            ),
        )
    if not (standalone := _STANDALONE.match(master)):
        if master.startswith(("local", "yarn", "k8s://")):
            return
        raise UsageError(
            Text(
                f"{master!r} is no address of a Spark cluster.",
                f"{master!r}은(는) Spark 클러스터 주소가 아닙니다.",
            ),
            hint=Text(
                "Write spark://HOST:7077, yarn, k8s://https://HOST:PORT, or local[N] for N "
                "processors of this machine.",
                "spark://HOST:7077, yarn, k8s://https://HOST:PORT 또는 이 컴퓨터의 프로세서 N개를 "
                "쓰는 local[N]으로 적으십시오.",
            ),
        )
    for host in standalone["hosts"].split(","):
        name, _, port = host.rpartition(":")
        try:
            with socket.create_connection((name.strip("[]"), int(port)), _REACH_SECONDS):
                return
        except (OSError, ValueError) as error:
            reason = error
    raise SystemFault(
        Text(
            f"The Spark master {master} is not reached: {reason}.",
            f"Spark 마스터 {master}에 연결할 수 없습니다: {reason}.",
        ),
        hint=Text(
            "Check the address, and whether the master is running.",
            "주소와 마스터의 실행 여부를 확인하십시오.",
        ),
    )


@contextmanager
def _started(master: str, settings: Mapping[str, str], folder: Path) -> Iterator[Any]:
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    if SparkSession.getActiveSession() is not None:
        raise UsageError(
            Text(
                "This process has a Spark session already, with settings of its own.",
                "이 프로세스에는 이미 다른 설정의 Spark 세션이 있습니다.",
            ),
            hint=Text("End it with `session.stop()`.", "`session.stop()`으로 끝내십시오."),
        )
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING)
    log = folder / "spark.log"
    conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    conf.setMaster(master).setAppName("mfgstd")
    java = [f"-Dlog4j2.configurationFile={logging.as_uri()}"]
    if not master.startswith("local"):
        # On a cluster this Java only plans. To start, it needs half the time without the optimiser
        # that pays for what is computed millions of times.
        java.append("-XX:TieredStopAtLevel=1")
    conf.set("spark.driver.extraJavaOptions", " ".join(java))
    conf.set("spark.sql.warehouse.dir", (folder / "warehouse").as_uri())
    # Executors run the Python that runs this, unless the site says which is theirs.
    python = os.environ.get("PYSPARK_PYTHON")
    os.environ["PYSPARK_PYTHON"] = python or sys.executable
    launch: Any = launch_gateway
    wrong: tuple[type[Exception], ...] = (*refusals(), OSError)
    gateway = None
    try:
        # What Spark refuses reaches our caller as an exception, and would be logged here as well.
        getLogger("SQLQueryContextLogger").setLevel(CRITICAL)
        try:
            with log.open("ab") as said:
                gateway = launch(conf, {"stdout": said, "stderr": said})
            context = SparkContext(conf=conf, gateway=gateway)
        except wrong as error:
            raise _refused(master, log, error) from error
        try:
            yield SparkSession(context)
        finally:
            context.stop()
    finally:
        _restore("PYSPARK_PYTHON", python)
        if gateway is not None:
            _ended(gateway)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _ended(gateway: Any) -> None:
    """End the Java process, which else would live as long as this one."""
    from pyspark import SparkContext

    gateway.shutdown()
    if gateway.proc is not None:
        gateway.proc.stdin.close()
        gateway.proc.wait(30)
    # Else the next session of this process would be told of a Java that is no more.
    SparkContext._gateway = None  # noqa: SLF001 - there is no other way to begin anew
    SparkContext._jvm = None  # noqa: SLF001 - the same


def _refused(master: str, log: Path, error: Exception) -> SystemFault:
    said = [line for line in log.read_text(errors="replace").splitlines() if "WARNING" not in line]
    reason = said[-1].strip() if said else str(error).splitlines()[0]
    return SystemFault(
        Text(
            f"Spark does not start on {master}: {reason[:300]}",
            f"{master}에서 Spark를 시작할 수 없습니다: {reason[:300]}",
        ),
        hint=Text(
            "Spark 4.0 needs Java 17 or 21. Secrets and memory of a cluster are read from "
            "spark-defaults.conf in the folder that SPARK_CONF_DIR names.",
            "Spark 4.0에는 Java 17 또는 21이 필요합니다. 클러스터의 비밀값과 메모리는 "
            "SPARK_CONF_DIR 폴더의 spark-defaults.conf에서 읽습니다.",
        ),
    )
