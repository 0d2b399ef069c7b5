"""How the process of a door begins and ends. It answers once and is over, so most of what Python does for
programs that go on is time that somebody waits for.

Measured for a `/note` from a cold start (CPU, on one machine, 11 runs each): 633 ms as Python does it, 589 ms
with fewer collections, 494 ms when the process also ends without clearing up.
"""

from __future__ import annotations

import gc
import os
import sys

COLLECT_AFTER = (100_000, 50, 100)
"""Objects, and collections of the younger ones, before Python looks for cycles: while a door is imported and
answers there are none to find. A sweep over hundreds of incidents is still collected.
https://docs.python.org/3/library/gc.html#gc.set_threshold
"""


def once(name: str) -> None:
    """Open the door with this process's environment, and end the process with its exit code.

    Nothing is taken apart first: files are closed where they were written, and the kernel frees the memory.
    A crash ends as always, with its traceback.
    https://docs.python.org/3/library/os.html#os._exit
    """
    gc.set_threshold(*COLLECT_AFTER)
    # Pydantic would look for plugins in all installed packages; there are none, and it takes 4 ms.
    # https://docs.pydantic.dev/latest/concepts/plugins/
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
    from allclear import app  # noqa: PLC0415 - what it imports is what the threshold is for

    code = app.door(name, os.environ)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
