"""One pipeline run over an estate full of canaries, and the search of all that it left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestration.build import read_stamp
from serve.publish import GATES, publish
from tests.canaries.leaks import LEAKS
from tests.canaries.plant import FORMS, Canary, plant_estate
from tests.canaries.rules import rules, scores
from tests.canaries.search import search
from tests.harness import FIRST, ROOT, PipelineRun, new_run

CALLS, SEED = 20, 5
CLEAN_DAYS, CLEAN_CALLS = 30, 12
# Too few occurrences for every form in each field, but enough for most.
LEAST_CANARIES = 2000


@dataclass(frozen=True)
class CanaryRun:
    """What was planted, and the installation after its run."""

    run: PipelineRun
    canaries: tuple[Canary, ...]
    said: str

    @property
    def needles(self) -> frozenset[str]:
        return frozenset(canary.needle for canary in self.canaries)

    def hits(self) -> dict[str, set[str]]:
        """Needle -> where it stands outside of landing (and of the estate, which is the wire)."""
        home = self.run.home
        return search(home, [self.run.estate, home / "data" / "landing"], self.needles)

    def landed(self) -> int:
        """How many of them the landing zone holds: what did not land proves nothing."""
        return len(search(self.run.home / "data" / "landing", [], self.needles))

    def told(self, hits: dict[str, set[str]]) -> list[str]:
        """Fields and forms that got through, and one place of each: never the values."""
        by_needle = {canary.needle: canary for canary in self.canaries}
        fields = defaultdict(set)
        for needle, places in hits.items():
            canary = by_needle[needle]
            fields[canary.stream, canary.field].add((canary.form, min(places)))
        return [f"{stream}.{field}: {sorted(found)}" for (stream, field), found in fields.items()]


def canary_run(home: Path) -> CanaryRun:
    """Generate, plant, run the job, publish what the gates held back, and ask the command."""
    run = new_run(home, calls=CALLS, seed=SEED, days=1)
    canaries = plant_estate(run.estate)
    print(f"canaries: {len(canaries)} in {len({(c.stream, c.field) for c in canaries})} fields")
    done = run.run(FIRST, FIRST)
    said = [done.stdout, done.stderr]
    # So much is withheld that the gate stops the day. What it would have published is searched all
    # the same: the report is forged, and only here.
    settings = run.settings
    build = read_stamp(settings.warehouse)
    lines = [{"name": name, "check": "forged", "passed": True} for name in GATES]
    forged = {
        "build_id": build,
        "created_at": datetime.now(UTC).isoformat(),
        "passed": True,
        "gates": lines,
    }
    publish(settings.warehouse, settings.published, build, forged, settings.keep_versions)
    for command in (["gates"], ["status"], ["find", canaries[0].needle], ["find", "CA" + "0" * 32]):
        said += _asked(run, command)
    (home / "said.txt").write_text("\n".join(said))
    return CanaryRun(run, tuple(canaries), "\n".join(said))


def _asked(run: PipelineRun, command: list[str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "serve.cli", *command],
        cwd=ROOT, env={**os.environ, **run.environment}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    # What was asked for is said back; that is no leak.
    return [text.replace(command[-1], "?") for text in (done.stdout, done.stderr)]


def controls(folder: Path) -> dict[str, bool]:
    """Plant one leak in each kind of file and encoding; whether the search finds it."""
    found = {}
    for name, write in LEAKS.items():
        place = folder / name.replace(" ", "_")
        place.mkdir(parents=True)
        planted, needle = FORMS["card"](len(found))
        write(place, planted, needle)
        found[name] = set(search(place, [], frozenset({needle}))) == {needle}
    return found


def figures(done: CanaryRun, folder: Path) -> dict[str, object]:
    """The line of JSON that ``make canaries`` ends with."""
    hits, found = done.hits(), controls(folder)
    killed = [rule for rule, is_killed in scores() if is_killed]
    for line in done.told(hits):
        print(f"leak: {line}")
    for name in (name for name, is_found in found.items() if not is_found):
        print(f"the search is blind to: {name}")
    return {
        "canaries": len(done.canaries),
        "hits": len(hits),
        "controls": len(found),
        "controls_found": sum(found.values()),
        "rules": len(rules()),
        "rules_killed": len(killed),
    }


def clean_days(home: Path) -> dict[str, object]:
    """Days without a fault, through the whole job: how many, and on how many a gate blocks."""
    run = new_run(home, calls=CLEAN_CALLS, seed=SEED, days=CLEAN_DAYS)
    last = FIRST + timedelta(days=CLEAN_DAYS - 1)
    done = run.run(FIRST, last)
    build = read_stamp(run.settings.warehouse)
    report = json.loads((run.settings.data_dir / "gates" / f"{build}.json").read_text())
    blocked = {
        line["day"] for line in report["gates"] if not line["passed"] and line["severity"] != "warn"
    }
    for line in report["gates"]:
        if not line["passed"]:
            print(f"clean, and yet: {line['name']}/{line['check']} on {line['day']}")
    is_published = done.returncode == 0
    return {"clean_days": CLEAN_DAYS, "clean_days_blocked": len(blocked) or int(not is_published)}
