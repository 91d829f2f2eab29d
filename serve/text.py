"""Text for terminals, from values that providers wrote."""

from __future__ import annotations

import unicodedata
from typing import Any

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(value: Any) -> str:
    """Text that moves no cursor: control, format and unassigned characters are shown escaped."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNSEEN
        else character
        for character in str(value)
    )


def number(value: Any) -> str:
    """Numbers with at most two decimals, truth values as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
