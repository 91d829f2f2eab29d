"""A labelled corpus of calls, and the score of a redactor on it (``make score-redaction``)."""
