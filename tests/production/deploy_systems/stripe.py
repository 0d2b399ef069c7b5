"""stripe: events resend.

https://docs.stripe.com/cli/events/resend: an event goes to the webhook that is named, else to a local
listener; events are kept for 30 days; without ``--live`` the test mode is asked, which has events of its own.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from production.deploy_systems.playing import State, fail, say, words_of

FLAGS = {"--webhook-endpoint": True, "--live": False, "--confirm": False, "-c": False}


def fresh() -> dict[str, Any]:
    """`events`: the age in days of each; `sent`: which went where."""
    return {"events": {"evt_1NG8Du2eZvKYlo2C": 1, "evt_0AAAAA2eZvKYlo2C": 40}, "sent": []}


def main(path: str) -> None:
    state = State(path)
    state.called("Request failed, status=429")
    if not os.environ.get("STRIPE_API_KEY"):
        fail("you have not configured API keys yet")
    words, options = words_of(sys.argv[1:], FLAGS, "unknown flag: {}")
    if words[:2] != ["events", "resend"]:
        fail(f'unknown command "{words[0]}" for "stripe"')
    if "--live" not in options or state["events"].get(words[2], 99) > 30:
        fail(f"Request failed, status=404, body={{'message': 'No such event: {words[2]}'}}")
    if not {"--confirm", "-c"} & options.keys():
        fail("Are you sure you want to perform the command: resend? Enter 'yes' to confirm: ")
    state["sent"].append([words[2], options.get("--webhook-endpoint", "local")])
    state.save()
    say('{"object": "event"}')
