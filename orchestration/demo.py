"""``make demo``: a sample estate through the whole pipeline, then one call's story.

Generates two days of a simulated estate once, serves its HTTP side on loopback, runs the daily job
over both days and prints what was built. A second run finds nothing new.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from ingest.settings import Settings
from ingest.simulator import generate
from ingest.simulator.server import SimulatorServer
from orchestration.resources import ROOT
from orchestration.run import prepare_instance
from orchestration.summary import print_summary

HOME = ROOT / ".demo"
FIRST, LAST = date(2026, 5, 1), date(2026, 5, 2)
CALLS_A_DAY, SEED = 500, 7
CALLSTORY = [sys.executable, "-m", "serve.cli"]


def demo_environment(home: Path, estate: Path, url: str) -> dict[str, str]:
    """The settings that point the pipeline at a simulated estate. The secrets open nothing."""
    return {
        "CALLSTORY_DATA": str(home / "data"),
        "CALLSTORY_TOKEN_KEY": "a demo key, which protects nobody's calls",
        "CALLSTORY_AMAZON_CONNECT_DROPS": str(estate / "drops" / "amazon_connect"),
        "CALLSTORY_LIVEKIT_DROPS": str(estate / "drops" / "livekit"),
        "CALLSTORY_OTLP_DROPS": str(estate / "drops" / "otlp"),
        "CALLSTORY_TWILIO_ACCOUNT_SID": SimulatorServer.ACCOUNT_SID,
        "CALLSTORY_TWILIO_AUTH_TOKEN": SimulatorServer.AUTH_TOKEN,
        "CALLSTORY_TWILIO_API_URL": url,
        "CALLSTORY_TWILIO_INSIGHTS_URL": url,
        "CALLSTORY_ZENDESK_URL": url,
        "CALLSTORY_ZENDESK_EMAIL": SimulatorServer.ZENDESK_EMAIL,
        "CALLSTORY_ZENDESK_API_TOKEN": SimulatorServer.ZENDESK_TOKEN,
    }


def write_env_file(home: Path, environment: Mapping[str, str]) -> Path:
    """Keep the demo's settings as ``export`` lines, for a shell that wants to look around."""
    path = home / "env.sh"
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    path.write_text("".join(lines))
    return path


def sample_call(published: Path) -> str:
    """The Call SID of a call whose evidence is complete and whose story has an IVR and an agent."""
    with duckdb.connect(
        str(published / "current" / "callstory.duckdb"), read_only=True
    ) as connection:
        row = connection.execute(
            "select twilio_call_sid from call_record where route = 'ivr_to_agent'"
            " and twilio_call_sid is not null"
            " order by evidence_coverage desc, tool_failure_count > 0 desc,"
            " outcome in ('resolved', 'escalated') desc, abs(turn_count - 8),"
            " canonical_call_id limit 1"
        ).fetchone()
    return str(row[0]) if row else ""


def demo() -> int:
    """Build the sample estate and look at it."""
    estate = HOME / "estate"
    if not (estate / "truth" / "calls.jsonl").exists():
        print(
            f"generating a sample estate: {CALLS_A_DAY} calls a day, two days, seed {SEED}",
            flush=True,
        )
        generate(estate, calls=CALLS_A_DAY, days=2, start=FIRST, seed=SEED, profile="faulty")
    with SimulatorServer(estate / "http") as server:
        environment = demo_environment(HOME, estate, server.url)
        os.environ.update(environment)
        settings = Settings.from_env()
        command = [*CALLSTORY, "run", "--from", str(FIRST), "--to", str(LAST)]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 1
    env_file = write_env_file(HOME, environment)
    print_summary(settings)
    call = sample_call(Path(settings.published))
    print(f"\nOne call's story (callstory find {call}):\n", flush=True)
    subprocess.run([*CALLSTORY, "find", call], check=True)
    print(
        f"\nLook further:\n"
        f"  source {os.path.relpath(env_file, ROOT)} && .venv/bin/callstory find <any alias>\n"
        f"  .venv/bin/callstory gates                    what the gates checked\n"
        f"  {os.path.relpath(settings.published, ROOT)}/current/callstory.duckdb"
        f"    the mart, for BI tools\n"
        f"  make dev                                     every asset and check in Dagster\n"
    )
    return 0


def dev() -> int:
    """Dagster's web server on the demo's data, with the simulated providers behind it."""
    estate = HOME / "estate"
    if not estate.exists():
        print("run `make demo` first: it generates the sample estate", file=sys.stderr)
        return 1
    with SimulatorServer(estate / "http") as server:
        os.environ.update(demo_environment(HOME, estate, server.url))
        prepare_instance(Settings.from_env())
        command = [
            str(Path(sys.executable).parent / "dagster"),
            "dev",
            "-m",
            "orchestration.definitions",
        ]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(dev() if sys.argv[1:] == ["dev"] else demo())
