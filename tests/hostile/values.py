"""Hostile values, and places in simulated payloads to plant them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
# What arithmetic in a template or a statement would give, were it evaluated; stands nowhere else.
EVALUATED = "90616043191"
_FACTORS = "300019*302029"
ESCAPED_FILE = "callstory-escaped"

TEXTS = {
    "sql": f"'; drop schema marts cascade; select '{ESCAPED_FILE}' -- ",
    "sql_copy": f"') ; copy (select 1) to '{ESCAPED_FILE}'; --",
    "sql_arithmetic": f"' || ({_FACTORS}) || '",
    "sql_quotes": "\"'`;--/*$$\\",
    "jinja": f"{{{{ {_FACTORS} }}}}",
    "jinja_statement": "{% do run_query('drop schema marts cascade') %}{# gone #}",
    "jinja_secret": "{{ env_var('CALLSTORY_TOKEN_KEY') }}",
    "path": "../" * 14 + f"tmp/{ESCAPED_FILE}",
    "path_absolute": f"/tmp/{ESCAPED_FILE}",
    "path_encoded": f"..%2f..%2f{ESCAPED_FILE}%00.json",
    "path_windows": f"..\\..\\{ESCAPED_FILE}",
    "script": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x="',
    "formula": '=HYPERLINK("http://evil.example","x")',
    "formula_dde": "+cmd|' /C calc'!A0",
    "formula_at": "@SUM(1)\t-1",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil.example\x07\x9b31m",
    "bidi": "\u202eevil\u2066\u200b\ufeff",
    "nul": "before\x00after",
    "lines": 'a\r\nb\n{"sid":"CA"}\n\u2028\u2029c',
    "format": "%s%n%(x)s{0}${x}`id`$(id)",
    "astral": "\U0001f4a9\U0010ffff" * 9,
    "null_like": "NULL",
    "glob": "**/*.parquet', '../*",
    "number": "9" * 400,
    "long": "A" * 700_000,
}
LONG = "long"


def shape_of(record: Any, path: Path) -> tuple[str, ...]:
    """The path without positions, but with the names that attribute lists give their items."""
    parts: list[str] = []
    value = record
    for part in path:
        value = value[part]
        named = value.get("key") if isinstance(value, dict) else None
        parts.append(f"[{named}]" if isinstance(part, int) else part)
    return tuple(parts)


def places(record: Any, *, strings_only: bool = True, path: Path = ()) -> Iterator[Path]:
    """Paths of the strings in a record; of every value, containers included, if asked for."""
    is_container = isinstance(record, dict | list)
    if path and (isinstance(record, str) if strings_only else True):
        yield path
    if is_container:
        items = record.items() if isinstance(record, dict) else enumerate(record)
        for key, value in items:
            yield from places(value, strings_only=strings_only, path=(*path, key))


def planted(record: Any, path: Path, value: Any) -> Any:
    """A copy of the record with the value at the path."""
    changed = copy.deepcopy(record)
    parent = changed
    for part in path[:-1]:
        parent = parent[part]
    parent[path[-1]] = value
    return changed


def flooded(record: Any, value: str, spared: frozenset[str]) -> Any:
    """A copy with the value in every string, but for those of the spared names."""
    if isinstance(record, dict):
        return {
            key: item if key in spared else flooded(item, value, spared)
            for key, item in record.items()
        }
    if isinstance(record, list):
        return [flooded(item, value, spared) for item in record]
    return value if isinstance(record, str) else record


def encoded(record: Any) -> bytes:
    """As a provider would write it: control characters escaped, other letters as they are."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")


def broken(raw: bytes) -> dict[str, tuple[bytes, str]]:
    """What can be wrong with a whole record, made from a good one: bytes, and the reject's reason.

    An empty reason: it is kept.
    """
    assert raw.startswith(b"{")

    def with_first(member: bytes) -> bytes:
        return b"{" + member + b"," + raw[1:]

    return {
        "not_utf8": (with_first(b'"x1":"\xff\xfe"'), "invalid_utf8"),
        "raw_nul": (with_first(b'"x2":"a\x00b"'), "invalid_json"),
        "lone_surrogate": (with_first(b'"x3":"\\ud800"'), "invalid_json"),
        "encoded_surrogate": (with_first(b'"x4":"\xed\xa0\x80"'), "invalid_utf8"),
        "nan": (with_first(b'"x5":NaN'), "invalid_json"),
        "infinity": (with_first(b'"x6":-Infinity'), "invalid_json"),
        "exponent": (with_first(b'"x7":1e400'), "invalid_json"),
        "digits": (with_first(b'"x8":' + b"9" * 5000), "invalid_json"),
        "big_integer": (with_first(b'"x9":' + b"9" * 39), ""),
        "nested": (with_first(b'"x10":' + b"[" * 10_000 + b"]" * 10_000), "too_deep"),
        "nested_objects": (with_first(b'"x11":' + b'{"a":' * 200 + b"1" + b"}" * 200), "too_deep"),
        "megabyte": (with_first(b'"x12":"' + b"B" * (1 << 20) + b'"'), "too_large"),
        "duplicate_keys": (with_first(b'"x13":1,"x13":{"__proto__":null}'), ""),
        "empty_name": (with_first(b'"":"","a\\u0000b":1,"../x":2'), ""),
        "trailing_comma": (with_first(b'"x14":[1,]'), "invalid_json"),
        "comment": (with_first(b'/* x15 */"x15":1'), "invalid_json"),
    }
