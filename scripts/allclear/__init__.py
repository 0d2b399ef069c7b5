"""Allclear: incident response inside a GitHub repository.

The map:
| respond.yml, sweep.yml      a comment, a label, the clock: somebody woke up
|   scripts/respond.py        a door: knows the repository, the issue, the token
|     app                     one pass: read -> plan -> apply
|       adapters.reading      the issue, its panel, its new comments      -> Snapshot (frozen)
|       core.plan             pure: what is written, what is asked, what is due -> Plan (effects as data)
|         core.journal          entries in the bot's replies, checked: the truth
|         core.inbox            what people want and has no answer yet
|         commands/*            one slash command a file: it answers, it never acts
|         core.deadline         the clock; core.checklist: the gates
|         core.panel, labels    mirrors of the truth: computed, compared, corrected
|       adapters.writing      one request an effect: the reply first, the panel last
|   scripts/postmortem.py     core.postmortem -> adapters.reports: branch, file, pull request
| sandbox/                    a strict GitHub over HTTP, for drill/ and for the tests
"""
