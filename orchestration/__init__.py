"""When and in what order: Dagster assets, jobs and schedules. The only folder that imports dagster.

Nothing here fetches, transforms or checks data itself; it calls ``ingest``, dbt, ``expectations`` and
``serve``.
"""
