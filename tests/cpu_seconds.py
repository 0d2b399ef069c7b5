"""What a work takes, the same on a slow machine as on a fast one: tests hold that no text takes minutes, and
not how fast a machine is.
"""

from collections.abc import Callable
from time import process_time

TURNS = 300_000
REFERENCE = 0.018
"""CPU seconds that so many turns of a loop took where the bounds were set."""


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of the ``work``, in seconds of the machine where the bounds were set. Other work on a machine,
    and a processor that is slowed down, make it slow for a while: so its pace is taken right afterwards.
    """
    begun = process_time()
    work()
    spent = process_time() - begun
    begun = process_time()
    sum(turn * turn for turn in range(TURNS))
    return spent * min(1.0, REFERENCE / (process_time() - begun))
