"""Allclear: incident response inside a GitHub repository.

The map:
| respond.yml, sweep.yml      a comment, a label, the clock: somebody woke up
|   scripts/respond.py        a door: knows the repository, the issue, the token
|     app                     the doors' one catch; passes/ one pass: read -> plan -> apply
|       adapters.reading      the issue, its panel, its new comments      -> Snapshot (frozen)
|       core.plan             pure: what is written, what is asked, what is due -> Plan (effects as data)
|         core.journal          entries in the bot's replies, checked: the truth
|         core.inbox            what people want and has no answer yet
|         commands/*            one slash command a file: it answers, it never acts
|         core.deadline         the clock; core.checklist: the gates
|         core.panel, labels    mirrors of the truth: computed, compared, corrected
|       adapters.writing      one request an effect: the reply first, the panel last
|       adapters.dispatching  starts what production needs done, after the entry that asks for it
|   scripts/postmortem.py     core.postmortem -> adapters.reports: branch, file, pull request
| rollback-production.yml     smoke.yml, evidence.yml: an operation, executed at most once
|   scripts/rollback.py       executor: claim a git ref -> approval -> check again -> act -> smoke -> report
|     core.clearance          pure: whether it may go on, right now; core.judging: what its record tells
| sandbox/                    a strict GitHub over HTTP, for drill/ and for the tests
"""
