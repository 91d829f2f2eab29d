"""Calibration of the heuristic matcher: clocks, weights, and a blindfold test of what it links.

The matcher itself is SQL (``dbt_project/models/matching``). It decides by tables that are made here
from calls whose keys are known, kept under a version, and pinned: the same pinned version and the
same landed records give the same links (promise 2).
"""
