"""The other end of the wire: a seeded estate of calls in each provider's true shapes.

``generate`` writes drops, the records of the HTTP providers and the answer key; ``SimulatorServer``
serves the HTTP providers. Only tests, the demo and the benchmark use it.
"""

from ingest.simulator.estate import Estate, generate
from ingest.simulator.faults import FaultProfile

__all__ = ["Estate", "FaultProfile", "generate"]
