"""One module a provider: what to ask for, how to page, and a record's key and day.

A module declares ``STREAMS``; ``ingest.registry`` finds it. Names with a leading underscore are
shared helpers.
"""
