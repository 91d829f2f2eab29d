"""From anything that names a call to the call: aliases, IDs old and new, a caller's number.

Reads the published snapshot only, with bound parameters only. Printing does not belong here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from serve.published import Snapshot

MOST_LISTED = 50
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.IGNORECASE)
_PHONE = re.compile(r"(?:tel:)?\+?[0-9 ().\-/\u2010-\u2015]{7,24}")


class TokenKeyMissingError(Exception):
    """A number was given in clear and there is no key to make its token."""


@dataclass(frozen=True)
class Match:
    """A call that a value names, and by what: a namespace, ``canonical_call_id``, ``redirect``."""

    call_id: str
    found_by: str
    call: dict[str, Any]


@dataclass(frozen=True)
class Found:
    """Every call a value names, newest first; ``total`` counts what the list leaves off too."""

    matches: list[Match]
    total: int


@dataclass(frozen=True)
class Story:
    """All that is published of one call; rows are dictionaries with the marts' column names.

    ``part_now_in`` names the calls that hold a part of what was once published under this ID;
    ``exceptions`` are what operators accepted of the call's day and route; ``links`` are guesses
    that another call is part of this one.
    """

    call: dict[str, Any]
    events: list[dict[str, Any]]
    turns: list[dict[str, Any]]
    aliases: list[dict[str, Any]]
    completeness: list[dict[str, Any]]
    part_now_in: list[str] = field(default_factory=list)
    exceptions: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)


def find(snapshot: Snapshot, value: str, token_key: bytes) -> Found:
    """Find the calls that a value names (S0-117).

    The ID of a call that is there names that call alone, even where a part of what was published
    under it has another ID by now (``Story.part_now_in``). An ID that is no longer a call's names
    every call that came of it.

    Args:
        snapshot: the published build.
        value: an alias, a call ID that was ever published, a URL that ends in one, a
            ``traceparent``, or a telephone number in clear.
        token_key: the key of the tokens; a number needs it, and so does an ID that holds a number
            or an address, because those are published as tokens.

    Raises:
        TokenKeyMissingError: when the value can only be a number and the key is empty.
    """
    spelled = spellings(value)
    if token_key and not is_number(value):
        spelled = _with_published(spelled, token_key)
    present = _present(snapshot, spelled)
    if present:
        exact = [call_id for call_id in present if call_id == value.strip()]
        return _found(snapshot, dict.fromkeys(exact or present, "canonical_call_id"))
    named: dict[str, str] = {}
    for call_id in _redirected(snapshot, spelled):
        named.setdefault(call_id, "redirect")
    for row in _by_alias(snapshot, spelled):
        named.setdefault(row["canonical_call_id"], row["namespace"])
    if not named and is_number(value):
        for call_id, found_by in _by_number(snapshot, value, token_key):
            named.setdefault(call_id, found_by)
    return _found(snapshot, named)


def spellings(value: str) -> list[str]:
    """The ways in which a given value may stand in the alias table, as typed first."""
    text = value.strip()
    given = [text]
    traceparent = _TRACEPARENT.fullmatch(text)
    if traceparent:
        given.append(traceparent.group(1))
    if "://" in text:
        given += [unquote(part) for part in reversed(urlsplit(text).path.split("/")) if part][:1]
        given += [part.rpartition(".")[0] for part in given[-1:] if "." in part]
    folded = [change(part) for part in given for change in (str, str.lower, str.upper)]
    # Twilio's SIDs: capital letters, then hex in lower case.
    folded += [part[:2].upper() + part[2:].lower() for part in given if len(part) == 34]
    folded += [part.replace("-", "").lower() for part in given if len(part) == 36]
    return [part for part in dict.fromkeys(folded) if part]


def _with_published(values: list[str], token_key: bytes) -> list[str]:
    """The values, and each as redaction publishes it."""
    from ingest.redaction.tokens import published_id

    return list(dict.fromkeys([*values, *(published_id(token_key, value) for value in values)]))


def alias_spellings(value: str, token_key: bytes) -> list[str]:
    """``spellings``, and with a key each as redaction publishes it, and a number's token."""
    spelled = spellings(value)
    if not token_key:
        return spelled
    if is_number(value):
        from ingest.redaction.tokens import caller_token

        spelled.append(caller_token(token_key, value))
    return _with_published(spelled, token_key)


def is_number(value: str) -> bool:
    """Whether a value could be a telephone number in clear."""
    return bool(_PHONE.fullmatch(value.strip()))


def story(snapshot: Snapshot, call_id: str) -> Story:
    """Read one call whole.

    Raises:
        LookupError: when the call is not in the snapshot.
    """

    def of(table: str, order: str) -> list[dict[str, Any]]:
        return snapshot.rows(
            f"select * from {table} where canonical_call_id = ? order by {order}",  # noqa: S608
            call_id,
        )  # both names are constants below

    calls = of("call_record", "1")
    if not calls:
        raise LookupError("the call is not in the published snapshot")
    return Story(
        calls[0],
        of("call_event", "sequence_number"),
        of("call_turn", "turn_index, started_at"),
        of("call_alias", "namespace, alias_value"),
        of("call_completeness", "canonical_role"),
        _present(snapshot, _redirected(snapshot, [call_id])),
        _exceptions(snapshot, calls[0]),
        of("call_link", "status, confidence desc, other_side_id")
        if "call_link" in snapshot.manifest["tables"]
        else [],
    )


def _exceptions(snapshot: Snapshot, call: dict[str, Any]) -> list[dict[str, Any]]:
    if "gate_exception" not in snapshot.manifest["tables"]:
        return []  # a version from before there were any
    return snapshot.rows(
        "select * from gate_exception where day::varchar = ? and route = ? order by exception_id",
        str(call["call_date"]),
        str(call["route"]),
    )


def _present(snapshot: Snapshot, ids: list[str]) -> list[str]:
    """Those of the IDs that a published call has now."""
    rows = snapshot.rows(
        "select canonical_call_id from call_record where canonical_call_id in (select unnest(?))"
        " order by 1",
        ids,
    )
    return [row["canonical_call_id"] for row in rows]


def _redirected(snapshot: Snapshot, ids: list[str]) -> list[str]:
    """Every ID that old IDs lead to, through chains; a call that was split leads to several.

    A call that is there may have been split later than it was merged, so no ID ends a chain. A ring
    does, because ``union`` takes no row twice. A call that is gone without a trace leads nowhere.
    """
    rows = snapshot.rows(
        "with recursive led (call_id) as (select unnest(?) union"
        " select redirects.canonical_call_id from call_redirect as redirects"
        " inner join led on redirects.old_call_id = led.call_id"
        " where redirects.canonical_call_id is not null)"
        " select call_id from led order by 1",
        ids,
    )
    return [row["call_id"] for row in rows if row["call_id"] not in ids]


def _by_alias(snapshot: Snapshot, values: list[str]) -> list[dict[str, Any]]:
    rows = snapshot.rows(
        "select distinct canonical_call_id, namespace, link_method from call_alias"
        " where alias_value in (select unnest(?)) order by namespace, canonical_call_id",
        values,
    )
    # A call that states the value is the call; one that is only linked to it is not meant.
    return [row for row in rows if row["link_method"] == "explicit"] or rows


def _by_number(snapshot: Snapshot, value: str, token_key: bytes) -> list[tuple[str, str]]:
    if not token_key:
        raise TokenKeyMissingError(
            "this looks like a telephone number, and published data holds tokens of numbers only:"
            " set CALLSTORY_TOKEN_KEY (at least 32 bytes) to the key that the pipeline uses"
        )
    from ingest.redaction.tokens import caller_token

    token = caller_token(token_key, value)
    rows = snapshot.rows(
        "select canonical_call_id, case when caller_token = ? then 'caller_token'"
        " else 'called_token' end as found_by from call_record"
        " where caller_token = ? or called_token = ?",
        token,
        token,
        token,
    )
    aliases = _with_published([token, value], token_key)
    by_alias = [
        (row["canonical_call_id"], row["namespace"]) for row in _by_alias(snapshot, aliases)
    ]
    return [(row["canonical_call_id"], row["found_by"]) for row in rows] + by_alias


def _found(snapshot: Snapshot, named: dict[str, str]) -> Found:
    rows = snapshot.rows(
        "select canonical_call_id, call_date, started_at, duration_ms, route, direction, outcome"
        " from call_record where canonical_call_id in (select unnest(?))"
        " order by started_at desc nulls last, canonical_call_id",
        list(named),
    )
    matches = [
        Match(row["canonical_call_id"], named[row["canonical_call_id"]], row) for row in rows
    ]
    return Found(matches[:MOST_LISTED], len(matches))
