r"""An embedded GitHub: strict, stateful, in this process or over HTTP. The stage of drill and tests.

    people (person.py) ---\
                           >-- acts (*_acts.py: rules, history, events) -- state.py -- views.py -> JSON
    requests: transport or server -> front (faults, token, strictness) -> rest_*.py --/
                                                 events -> hub.deliveries, hub.subscribe

It imports nothing of Allclear. What it knows comes from docs.github.com and GitHub's OpenAPI description.
"""

from allclear_lab.github.actions.state import Job, Run
from allclear_lab.github.clock import SimClock
from allclear_lab.github.faults import Faults
from allclear_lab.github.handles import CommentView, IssueView, RepositoryHandle
from allclear_lab.github.hub import GitHub, Snapshot
from allclear_lab.github.people.person import Person
from allclear_lab.github.records import Delivery, RequestRecord
from allclear_lab.github.routing import Refusal
from allclear_lab.github.state import Account

__all__ = [
    "Account",
    "CommentView",
    "Delivery",
    "Faults",
    "GitHub",
    "IssueView",
    "Job",
    "Person",
    "Refusal",
    "RepositoryHandle",
    "RequestRecord",
    "Run",
    "SimClock",
    "Snapshot",
]
