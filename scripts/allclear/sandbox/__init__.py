r"""An embedded GitHub: strict, stateful, in this process or over HTTP. The stage of drill and tests.

    people (person.py) ---\
                           >-- acts (*_acts.py: rules, history, events) -- state.py -- views.py -> JSON
    requests: transport or server -> front (faults, token, strictness) -> rest_*.py --/
                                                 events -> hub.deliveries, hub.subscribe

It imports nothing of Allclear. What it knows comes from docs.github.com and GitHub's OpenAPI description.
"""

from .actions_state import Job, Run
from .clock import SimClock
from .faults import Faults
from .handles import CommentView, IssueView, RepositoryHandle
from .hub import GitHub, Snapshot
from .person import Person
from .records import Delivery, RequestRecord
from .routing import Refusal
from .state import Account

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
