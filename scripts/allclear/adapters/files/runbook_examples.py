"""Examples of every key of a runbook, by the place that they show. Tests load each of them.

All but the first stand in a runbook that begins with the lines of `BEGINS`.
"""

from __future__ import annotations

from collections.abc import Mapping

BEGINS = """\
name: mine
extends: neutral
"""

EXAMPLES: Mapping[str, str] = {
    "": """\
name: shop
title: What we do when the shop is down
extends: neutral
zone: Europe/Berlin
about:
  text: When customers cannot buy, everything else waits.
  principles: [Restore first, Blame nobody]
  owner: Platform team
default_severity: P1
states:
  investigating: Looking
  identified: Known
  mitigating: Fixing
  monitoring: Watching
  resolved: Over
detection: [Alert, Customer, Colleague]
causes: [A deployment, A provider, A full disk]
phases: { Finding it: 15m, Fixing it: 1h }
flags: { payments: Payments are hit }
channels:
  chat: "#incidents"
  room: "#incident-{{ date }}-{{ slug }}"
  status-page: https://status.example.com
look:
  Logs: [kubectl logs -l app=shop --since=30m, kubectl get events]
links:
  Dashboards: { Orders: https://grafana.example.com/d/orders, Who may see it: everybody in the team }
calendars: { office: { holidays: DE } }
severities: { P0: { response: 3m }, P3: none }
measures: { orders: { title: Orders a minute } }
chains: { on-call: [On-call, Team Lead, Engineering Manager] }
rules: { payments: { when: { flag: payments }, tell: [Team Lead] } }
roles: { scribe: none }
contacts: { Payment provider: { phone: +49 30 123456 } }
voices: { team: { every: update, at: { update: "{{ status }}: {{ text }}" } } }
lists: { after: { opens: resolved, steps: { talk: Talk about it } } }
patterns: { disk: { symptoms: [no space left], fix: [Delete old logs] } }
rollback: { fix_forward: 10m }
review: { sections: { Timeline: timeline, What we change: actions } }
routines: { backups: { every: mon 09:00, to: On-call, steps: { restore: Restore a backup } } }
items: { "2.1": detection, "2.2": engine }
earlier: { on-call-1: first-page }
""",
    "calendars.<id>": """\
calendars:
  office: { item: "1.3", days: mon-fri, hours: "08:00-18:00", holidays: DE-BE }
  maintenance: { days: sun, hours: "02:00-04:00", every: 2w, from: 2026-01-04 }
severities:
  P2: { response: 2h office, target: next maintenance }
""",
    "severities.<id>": """\
severities:
  P0:
    item: ["1.1", "1.4"]
    name: Critical
    shown: SEV 1
    label: "severity: critical"
    labels: [urgent]
    definition: [Customers cannot buy, Data is lost]
    examples: [The checkout answers with errors]
    impact: [No revenue]
    at_least: { error-rate: 20 }
    response: 5m
    escalate: 0m, then 5m
    update: 15m, then 1h after 4h
    watch: 1h
    silence: 30m
    target: 4h
    evidence: 2h
    review: 3 office days
    freeze: true
    alert: [issue, pager]
measures: { error-rate: { unit: "%" } }
channels: { pager: The pager }
""",
    "severities.<id>.watch": """\
severities:
  P0: { watch: { rollback: 30m, fix-forward: 1h } }
""",
    "measures.<id>": """\
measures:
  error-rate: { item: "1.8", title: Error rate, unit: "%", recovered: "< 0.1" }
""",
    "chains.<id>": """\
chains:
  on-call: [On-call, Team Lead, Engineering Manager]
  business:
    item: "2.6"
    for: major
    levels: [[Head of Support, Head of Sales], CEO]
""",
    "rules.<id>": """\
rules:
  manager:
    item: "2.5"
    after: { P0: 15m, P1: 1h }
    until: mitigated
    tell: [Engineering Manager]
    say: Not fixed yet
  too-long: { for: major, from: acknowledged, after: 30m, until: identified, escalate: on-call }
  exposed: { when: { flag: customer-data }, suggest: P0 }
""",
    "rules.<id>.when": """\
measures: { error-rate: { unit: "%" } }
rules:
  exposed: { when: { flag: [security, customer-data] }, tell: [Engineering Manager] }
  failing: { when: { measured: { error-rate: 50 } }, tell: [Engineering Manager] }
lists:
  backport:
    when: { fix: hotfix }
    steps: { backport: Bring the fix to the main branch }
""",
    "roles.<id>": """\
roles:
  ic:
    item: "2.8"
    title: Incident Commander
    for: major
    primary: On-call
    backup: Backup On-call
    within: { P0: 5m, P1: response }
    not: [tech]
    duties: [Coordinates, Decides]
  tech: { title: Technical Lead, duties: Finds the cause }
  experts: { title: Experts, when: { flag: data-loss }, many: true }
""",
    "contacts.<id>": """\
contacts:
  Database company:
    item: "2.7"
    mail: help@example.com
    phone: +49 30 123456
    web: https://example.com/help
    hours: office
  Legal Counsel: { slack: "@legal", note: For anything that customers may sue about }
""",
    "voices.<id>": """\
channels: { mail: everybody@example.com, status-page: https://status.example.com }
voices:
  colleagues:
    item: "2.11"
    to: [issue, mail]
    for: major
    when: { flag: user-facing }
    speaker: comms
    every: { P0: 30m, P1: update }
    clock: 12h
    at:
      declared, update: "{{ severity }} since {{ started }}: {{ brief }}. {{ text }}"
      resolved: "{{ brief }} is over after {{ duration }}."
  customers:
    to: [status-page]
    public: true
    approve: ic
    at: { declared: "We look into a problem with {{ public_affected }}." }
""",
    "voices.<id>.at.<id>": """\
channels: { mail: everybody@example.com }
voices:
  mail:
    to: [mail]
    at:
      resolved:
        item: "2.11"
        subject: "[{{ severity }}] {{ brief }}"
        text: |
          It is over since {{ resolved_at }}, and took {{ duration }}.
          What we learn: {{ postmortem }}
""",
    "lists.<id>": """\
lists:
  closing:
    item: "4.19"
    title: Before the all-clear
    for: major
    when: { fix: rollback }
    role: ic
    opens: resolved
    before: all-clear
    due: { P0: 1h, P1: 4h }
    steps: { told: Tell everybody who was told }
""",
    "lists.<id>.steps.<id>": """\
lists:
  during:
    before: resolved
    steps:
      assess:
        item: "4.11"
        text: Find out how far it reaches
        parts: ["Which customers?", "Since when?"]
        for: major
        role: tech
      cause: { text: Find the cause, done: identified }
      cache: { text: Empty the cache, run: clear-cache, optional: true, when: { fix: rollback } }
""",
    "patterns.<id>": """\
patterns:
  pool:
    item: "2.14"
    title: Connection pool exhausted
    for: [P0, P1]
    symptoms: [no connection available, too many clients]
    look: ["psql $DATABASE_URL -c 'select count(*) from pg_stat_activity'"]
    fix: { Enlarge the pool: pool-resize, Restart what holds the connections: "" }
    later: Find out who keeps connections open
""",
    "rollback": """\
rollback:
  item: "4.26"
  fix_forward: 30m
  immediate: [Nobody can sign in]
""",
    "rollback.immediate": """\
rollback:
  immediate:
    - { item: "4.27", text: The new release loses data, for: major, when: { flag: data-loss } }
""",
    "review": """\
review:
  item: "4.31"
  reviewers: [ic, tech]
  approvals: 1
  meeting: { invite: [ic, tech] }
  sections: { Summary: summary, Timeline: timeline, Action items: actions }
  horizons: { soon: { within: 3d } }
""",
    "review.meeting": """\
review:
  meeting:
    item: "4.32"
    invite: [ic, responders, { title: CEO, for: P0 }]
    agenda: { What happened: 10m, What we change: 20m }
contacts: { CEO: { note: For P0 only } }
""",
    "review.meeting.invite": """\
contacts: { CEO: { note: For P0 only } }
review:
  meeting:
    invite: [ic, { title: CEO, for: P0 }]
""",
    "review.meeting.agenda.<id>": """\
review:
  meeting:
    agenda:
      What happened: { item: "4.33", takes: 10m, parts: [The timeline, The impact] }
      What we change: 20m
""",
    "review.sections.<id>": """\
review:
  sections:
    Timeline: timeline
    What went well: { item: "4.34", block: went-well, parts: [What helped, Who helped] }
""",
    "review.horizons.<id>": """\
review:
  horizons:
    immediate: { item: "4.35", within: 3d, parts: [What keeps it from coming back] }
    long-term: { within: 3mo }
""",
    "routines.<id>": """\
routines:
  review-of-low:
    item: "3.24"
    title: What lies about
    every: office days 09:00
    after: major
    open: P3
    to: [On-call, Backup On-call]
    steps: { looked: { text: Look at each, parts: ["Is it still there?"] } }
""",
}
"""Pieces of YAML by the path of the entry that they show."""
