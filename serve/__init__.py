"""What people take away: the published snapshot, the look-up command, going back.

Opens published files read-only, and starts fast: nothing here imports the orchestrator, dbt, Great
Expectations or pandas. Of ``ingest`` it uses the settings, the store and the token of a number.
"""
