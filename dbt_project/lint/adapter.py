"""Stands for dbt's ``adapter`` while sqlfluff lints: layout does not depend on the engine."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(macro_name: str, macro_namespace: str | None = None) -> Callable[..., str]:
    """A macro that yields its first argument, or a select where models expect one."""
    del macro_namespace  # part of dbt's signature
    return {"unnested": _unnested, "files_matching": _files}.get(macro_name, _first_argument)


def _files(pattern: str) -> str:
    del pattern  # no file is looked for
    return "select file from files"


def _first_argument(*arguments: object) -> str:
    return str(arguments[0])


def _unnested(relation: object, list_column: str, columns: str) -> str:
    return f"select\n    {columns},\n    {list_column} as item,\n    1 as position\nfrom {relation}"
