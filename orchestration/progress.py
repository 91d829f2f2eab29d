"""A Dagster logger that says in a line what each step did, for people at a terminal."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, TextIO

import dagster as dg


class StepLines(logging.Handler):
    """Writes one line when a step ends and every warning; the event log keeps the rest."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(logging.DEBUG)
        self.stream = stream
        self.started_at: dict[str, float] = {}
        self.said: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Turn a Dagster log record into at most one line."""
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        event, step = meta.get("dagster_event"), str(meta.get("step_key") or "")
        if event is None:
            self._message(record, step, str(meta.get("orig_message", record.getMessage())))
            return
        kind = event.event_type_value
        if kind == "STEP_START":
            self.started_at[step] = time.monotonic()
            if step == "warehouse":
                self._line("...", step, "building and testing every model")
        elif kind == "STEP_SUCCESS":
            self._line("ok", step, self.said.pop(step, ""))
        elif kind == "STEP_FAILURE":
            self._line("FAILED", step, _failure(event))

    def _message(self, record: logging.LogRecord, step: str, message: str) -> None:
        if record.levelno >= logging.WARNING or step == "gates":
            self.stream.write("".join(f"        {line}\n" for line in message.splitlines()[:40]))
        elif record.levelno >= logging.INFO:
            self.said[step] = message

    def _line(self, mark: str, step: str, message: str) -> None:
        seconds = time.monotonic() - self.started_at.get(step, time.monotonic())
        name = step.replace("__", " ")
        self.stream.write(f"  {mark:<6} {name:<42} {seconds:6.1f} s  {message}\n")
        self.stream.flush()


def _failure(event: Any) -> str:
    error = event.event_specific_data.error
    cause = error
    while cause is not None and cause.cause is not None:
        cause = cause.cause
    user = getattr(event.event_specific_data, "user_failure_data", None)
    if user is not None and user.description:
        return str(user.description)
    return cause.message.strip().splitlines()[0][:300] if cause is not None else "failed"


@dg.logger({}, description="One line a step, for the command line.")
def step_lines(context: dg.InitLoggerContext) -> logging.Logger:
    """The logger ``orchestration.run`` uses; stdout itself carries dbt's own lines to a file."""
    del context  # required by Dagster's signature
    logger = logging.Logger("callstory.progress", logging.DEBUG)
    logger.addHandler(StepLines(sys.__stdout__ or sys.stderr))
    return logger
