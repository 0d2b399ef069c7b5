"""An embedded GitHub: strict, stateful, in this process or over HTTP. Drill, lab and tests play on it.

    requests   transport or server -> front (faults, token, limits, strictness) -> routes -> acts
    people     BrowserUser, who acts in the browser -> acts
    tests      RepositoryHandle, who seeds and looks -> acts
    acts       rules, history, events -> hub.deliveries, hub.subscribe

A folder is a service (issues, git, pulls, actions, deployments, people). In each, as far as it has them:
`state` (plain data, in the repository's rooms), `acts` (what may be done, whoever does it), `routes` (REST;
`route_table` has all), `views` (state as GitHub's JSON). `graphql` reads all of them, and changes them by
their routes. What all share stands beside the folders.

It imports nothing of Allclear. What it knows comes from docs.github.com and GitHub's OpenAPI description.
"""

from allclear_lab.github.actions.state import Job, JobStep, WorkflowRun
from allclear_lab.github.clock import SimClock
from allclear_lab.github.faults import Faults
from allclear_lab.github.handles import CommentView, IssueView, PullView, RepositoryHandle
from allclear_lab.github.hub import GitHub, HubSnapshot
from allclear_lab.github.people.browser_user import BrowserUser
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
    "JobStep",
    "PullView",
    "RepositoryHandle",
    "RequestRecord",
    "SimClock",
    "WorkflowRun",
]
