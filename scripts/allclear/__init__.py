"""Allclear: incident response inside a GitHub repository.

The map, from the outside in. Each line uses only what stands below it.

    .github/workflows/*.yml   somebody woke up: a comment, a label, the clock, a dispatch
    action.yml                Python, the packages, one door: what each job uses
    scripts/*.py              doors: they know the repository, the issue, the token
    single_run                the process of a door: how it begins and ends
    app                       the table of doors, and the one broad catch
    jobs/                     one file a job of a workflow
        respond, sweep            read -> plan -> apply, over one incident or over all
        postmortem, hotfix        a branch, a file, a pull request
        review                    what is left to mend in the post-mortems of a pull request
        claim, look, act, redeploy, report
                                  an operation on production, executed at most once
        prepare, smoke, collect, complete, seal
                                  looking at a service, keeping evidence
    commands/                 one slash command a file: it answers, it never acts
    adapters/                 act; one file an outside thing
        github/                   the API; client is the only importer of PyGithub
        production/               processes, HTTP checks, deploy runs
        files/                    settings, templates, the runner's files
        notify/                   outside channels: none yet
    core/                     decides: no network, files, clock or chance
        plan/                     one pass over one incident: Snapshot -> effects
        production/               rollback, action, smoke, evidence, freeze, hotfix, and who allows them
        metrics/                  numbers of all incidents, and the index of their reports
        postmortem/               front matter, document, sections, timeline, file name
        conversation/             parse -> inbox -> rights -> command -> answer
        view/                     reply, panel, labels: mirrors of the record
        clock/                    deadlines, checklist, gates, durations
        record/                   entries and their chain: the truth; fold adds them up to the incident
        policy/                   runbook, settings, services, deploy systems
        language/                 runbooks as teams write them, and what they become
        calendar/                 what a runbook says about time: office hours, spans, rhythms, recurrences
        model/                    people, times, what GitHub shows, operations, effects

What people read stands in templates/*.j2 (panel, notices, post-mortem, pull requests), in the runbook, and in
the answers of commands/. CONTRIBUTING.md lists ten changes, with where to make them and their tests.

Beside it, and never imported by it: allclear_lab, with github/ (a strict GitHub in a process), runner/ (plays
the workflow files), drill/ (scripted incidents) and server/ (both as a server: allclear lab).
"""
