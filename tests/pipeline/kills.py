"""Runs that are killed at random points, and what must be true afterwards (promise 2).

A kill is SIGKILL to every process of a ``callstory run`` at once. Where it strikes is drawn from a
seed: a phase, a step or model in it, and a moment after that has begun. The phase is read off what
the run says, as a person would: step lines on its output, dbt's lines in its log.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from ingest.registry import all_streams
from ingest.settings import Settings
from tests.harness import FIRST, ROOT, PipelineRun, command, new_run
from tests.incremental.runner import DbtBuilds
from tests.pipeline.readers import readers
from tests.pipeline.reference import (
    landed_at_once,
    landed_records,
    published_hashes,
    undisturbed,
)

PHASES = ("ingest", "redaction", "staging", "identity", "marts", "gates", "publish")
CALLS_A_DAY, DAYS = 25, 3
KILLS_A_RUN = 4  # at most, before one goes through
_RUN_TIMEOUT_S = 900
_OK = re.compile(r"^  ok +(landing|redacted|gates) ", re.MULTILINE)
_DBT = re.compile(r"START (hook: \S+|sql (?!\w*view)\w+ model \S+)|^(Done)\. PASS", re.MULTILINE)
# The last place at which each phase may be asked for; a run has somewhat more of each.
_PLACES = {"ingest": 8, "redaction": 9, "staging": 24, "identity": 14, "marts": 22}
# How long after a step or model has begun the kill may come: about as long as one takes.
_DELAY_S = {"ingest": 0.1, "redaction": 0.1, "staging": 0.2, "identity": 0.2, "marts": 0.2}


@dataclass
class Kills:
    """What was done and what went wrong; ``mismatches`` and ``reader_errors`` should be empty."""

    seed: int
    dbt: DbtBuilds
    by_phase: Counter[str] = field(default_factory=Counter)
    completed: int = 0
    mismatches: list[str] = field(default_factory=list)
    reader_reads: int = 0
    reader_errors: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many runs were killed."""
        return self.by_phase.total()


@dataclass
class Victim:
    """A ``callstory run`` in a session of its own, so that one signal reaches all its processes."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def phases(self) -> list[str]:
        """The phase of each step and model that has begun, in their order."""
        said, streams = self.said(), len(all_streams())
        ended = Counter(_OK.findall(said))
        # A line is said at a step's end: with the last of one kind begins the first of the next.
        found = ["ingest"] * min(ended["landing"], streams - 1)
        if ended["landing"] == streams:
            found += ["redaction"] * min(1 + ended["redacted"], streams)
        return found + self._dbt_phases(said) + ["publish"] * ended["gates"]

    def _dbt_phases(self, said: str) -> list[str]:
        log = re.search(r"details in (\S+)", said)
        if log is None or not Path(log[1]).exists():
            return []
        begun = (match[1] or match[2] for match in _DBT.finditer(Path(log[1]).read_text()))
        return [_dbt_phase(what) for what in begun]

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _dbt_phase(begun: str) -> str:
    """The phase of a hook or model. Views are none: they cost nothing and begin at any time."""
    if begun == "Done":
        return "gates"
    layer = begun.rsplit(maxsplit=1)[-1].removeprefix("work.").partition(".")[0]
    if layer in {"staging", "scope"} or "on-run-start" in begun or "stored model events" in begun:
        return "staging"  # the clocks' offsets are written with the scope
    return "identity" if layer == "identity" else "marts"


def start(run: PipelineRun, day: date, environment: dict[str, str], name: str) -> Victim:
    """Start the run of a day; what it prints goes to a file."""
    output, temporary = run.home / f"{name}.out", run.home / "tmp"
    temporary.mkdir(exist_ok=True)
    with output.open("wb") as handle:
        process = subprocess.Popen(
            command(day, day), cwd=ROOT, stdout=handle, stderr=subprocess.STDOUT,
            env={**os.environ, **environment, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )  # fmt: skip
    return Victim(process, output)


def strike(victim: Victim, phase: str, rng: Random, lasts: dict[str, float]) -> str | None:
    """Kill a run in about that phase; the phase it was in, or None when it had ended before."""
    wanted, delay = rng.randint(1, _PLACES.get(phase, 1)), rng.uniform(0, lasts[phase])
    deadline = time.monotonic() + _RUN_TIMEOUT_S
    while victim.phases().count(phase) < wanted and victim.process.poll() is None:
        if time.monotonic() > deadline:
            victim.kill()
            raise AssertionError(f"a run hung:\n{victim.said()}")
        time.sleep(0.05)
    time.sleep(delay)
    begun = victim.phases()
    if victim.process.poll() is not None:
        return None
    victim.kill()
    return begun[-1]


@dataclass
class Killing:
    """Kills runs over one estate. ``asked`` is the phase that the next kill aims at."""

    run: PipelineRun
    environment: dict[str, str]
    rng: Random
    phases: Iterator[str]
    done: Kills
    started: int = 0
    asked: str | None = None

    def __post_init__(self) -> None:
        # The first guess is short, so that a kill comes in time; completed runs tell better.
        self.lasts = {**_DELAY_S, "gates": 2.0, "publish": 0.3}

    def start(self, day: date) -> Victim:
        self.started += 1
        return start(self.run, day, self.environment, f"run{self.started}")

    def kill_some(self, day: date, count: int) -> None:
        """Kill ``count`` runs of a day, one after another. One that ends before does not count."""
        wanted = self.done.kills + count
        while self.done.kills < wanted and not self.done.mismatches:
            self.asked = self.asked or next(self.phases)
            victim = self.start(day)
            phase = strike(victim, self.asked, self.rng, self.lasts)
            print(
                f"  {day} run {self.started}: aimed at {self.asked}, killed in {phase}", flush=True
            )
            if phase is None:
                self.lasts[self.asked] /= 2
                self._ended(victim)
                continue
            self.done.by_phase[phase] += 1
            if phase == self.asked:
                self.asked = None

    def go_through(self, day: date) -> None:
        """Let the run of a day end, and compare what it published with an undisturbed build."""
        victim = self.start(day)
        try:
            victim.process.wait(_RUN_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            victim.kill()
        self._ended(victim)
        if self.done.mismatches:
            return
        print(f"  {day} run {self.started}: went through", flush=True)
        self.done.completed += 1
        for phase, step in (("gates", "gates"), ("publish", "published snapshot")):
            if told := re.search(rf"^  ok +{step} +([0-9.]+) s", victim.said(), re.MULTILINE):
                self.lasts[phase] = float(told[1])
        self._compare(day)

    def _ended(self, victim: Victim) -> None:
        if victim.process.returncode != 0:
            self._mismatch(f"a run after kills failed:\n{victim.said()[-2000:]}")

    def _compare(self, day: date) -> None:
        run, settings = self.run, Settings.from_env(self.environment)
        wanted = undisturbed(settings, run.home / "reference", self.done.dbt)
        found = published_hashes(run.manifest())
        for table in sorted(wanted.keys() | found.keys()):
            if wanted.get(table) != found.get(table):
                self._mismatch(f"{table} is not as an undisturbed build makes it")
        days = [FIRST + timedelta(days=n) for n in range((day - FIRST).days + 1)]
        missing = landed_at_once(settings, days, run.home / f"landing-{day}") - landed_records(
            settings.landing
        )
        if missing:
            self._mismatch(f"{len(missing)} records never landed: {sorted(missing)[0]!r:.300}")

    def _mismatch(self, what: str) -> None:
        self.done.mismatches.append(f"seed {self.done.seed}, {self.run.home.name}: {what}")


def run_kills(
    home: Path, kills: int, seed: int, days: int = DAYS, dbt: DbtBuilds | None = None
) -> Kills:
    """Kill that many runs over as many estates as it takes; compare after each that goes through.

    Args:
        home: an empty folder, for everything.
        kills: how many.
        seed: decides estates, phases and moments.
        days: days of an estate. The first is built whole, the others in part.
        dbt: what builds the oracles, where it has parsed already.
    """
    print(f"kills={kills} seed={seed} days={days}", flush=True)
    done, rng = Kills(seed, dbt or DbtBuilds(home / "dbt")), Random(seed)
    phases, runs = _phases(Random(seed)), -(-kills // KILLS_A_RUN)
    shares = [kills // runs + (n < kills % runs) for n in range(runs)]
    rng.shuffle(shares)
    for number in range(0, runs, days):
        if not done.mismatches:
            some = shares[number : number + days]
            _one_estate(home / f"estate{number}", some, rng, phases, done)
    return done


def _phases(rng: Random) -> Iterator[str]:
    """Each phase once in every seven, in random order."""
    while True:
        yield from rng.sample(PHASES, len(PHASES))


def _one_estate(
    home: Path, shares: list[int], rng: Random, phases: Iterator[str], done: Kills
) -> None:
    """As many kills a day as ``shares`` says, then a run of that day that goes through."""
    calls, days, seed = CALLS_A_DAY, len(shares), rng.randrange(2**31)
    run = new_run(home, calls=calls, seed=seed, profile="faulty", days=days)
    zone = Path(run.settings.published)
    with run.providers() as environment, readers(zone, home / "stop") as reading:
        killing = Killing(run, environment, rng, phases, done)
        for number, kills in enumerate(shares):
            day = FIRST + timedelta(days=number)
            killing.kill_some(day, kills)
            if not done.mismatches:
                killing.go_through(day)
    done.reader_reads += reading.reads
    done.reader_errors += reading.errors
