"""What must be true before anyone sees a row: the two gates and their report.

``gates.run_gates`` is the way in. Great Expectations is imported only while a gate runs, because
its import is the dearest of the whole pipeline.
"""
