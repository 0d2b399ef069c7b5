r"""An embedded GitHub: strict, stateful, in this process or over HTTP. The stage of drill and tests.

    people (person.py) ---\
                           >-- acts (*_acts.py: rules, history, events) -- state.py -- views.py -> JSON
    requests: transport or server -> front (faults, token, strictness) -> rest_*.py --/
                                                 events -> hub.deliveries, hub.subscribe

It imports nothing of Allclear. What it knows comes from docs.github.com and GitHub's OpenAPI description.
"""

from allclear_lab.github.actions.state import Job, WorkflowRun
from allclear_lab.github.clock import SimClock
from allclear_lab.github.faults import Faults
from allclear_lab.github.handles import CommentView, IssueView, RepositoryHandle
from allclear_lab.github.hub import GitHub, HubSnapshot
from allclear_lab.github.people.person import BrowserUser
from allclear_lab.github.records import Delivery, RequestRecord
from allclear_lab.github.routing import GitHubRefusal
from allclear_lab.github.state import Account

__all__ = [
    "Account",
    "BrowserUser",
    "CommentView",
    "Delivery",
    "Faults",
    "GitHub",
    "GitHubRefusal",
    "HubSnapshot",
    "IssueView",
    "Job",
    "RepositoryHandle",
    "RequestRecord",
    "SimClock",
    "WorkflowRun",
]
