"""The deploy program of a drill's production: ``deploy.py <host:port> <target>``. A process of its own.

``deploy.py <host:port> --list`` prints the releases, newest first. It says what it does, and ends with 1 when
the target is not there.
"""

import http.client
import json
import os
import sys
from pathlib import Path


def main(address: str, word: str) -> int:
    """Do it; the exit code."""
    line = http.client.HTTPConnection(address, timeout=10)
    if word == "--list":
        line.request("GET", "/releases.json")
        print(line.getresponse().read().decode())  # noqa: T201 - its output is what it is for
        return 0
    order = {"target": word, "operation": os.environ.get("ALLCLEAR_OPERATION", "")}
    # Written down before anything else: an execution counts whatever becomes of it.
    with Path(__file__).resolve().with_suffix(".log").open("a", encoding="utf-8") as log:
        log.write(json.dumps(order) + "\n")
    line.request("POST", "/deploy", json.dumps(order))
    answer = line.getresponse()
    print(answer.read().decode())  # noqa: T201 - its output is what it is for
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
