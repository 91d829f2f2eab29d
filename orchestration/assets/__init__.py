"""One module a step of the flow: landing, redaction, warehouse, gates, publish."""
