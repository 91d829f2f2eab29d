"""When and in what order: Dagster assets, jobs, schedules. Only this folder imports dagster.

Nothing here fetches, transforms or checks data itself; it calls ``ingest``, dbt, ``expectations``
and ``serve``.
"""
