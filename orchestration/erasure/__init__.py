"""Retention and erasure: what goes, that it goes everywhere, and that it went."""
