"""Wire to raw: pulls provider records, lands them, redacts them. Imports no orchestrator."""
