"""``make canaries``: planted secrets, controls, rules switched off, and days on which all is well.

Prints what got through (field and form, never a value) and ends with one line of JSON:
``canaries``, ``hits``, ``controls``, ``controls_found``, ``rules``, ``rules_killed``,
``clean_days``, ``clean_days_blocked``. Exit code 1 when a canary is found outside landing, a
control is not, a rule that can be noticed is not, or a clean day is blocked.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.canaries.rules import PROBES
from tests.canaries.run import canary_run, clean_days, figures


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="callstory-canaries-") as name:
        home = Path(name)
        done = canary_run(home / "run")
        told = figures(done, home / "controls") | clean_days(home / "clean")
    print(json.dumps(told))
    is_safe = not told["hits"] and told["controls_found"] == told["controls"]
    is_safe = is_safe and not told["clean_days_blocked"]
    return 0 if is_safe and told["rules_killed"] == len(PROBES) else 1


if __name__ == "__main__":
    sys.exit(main())
