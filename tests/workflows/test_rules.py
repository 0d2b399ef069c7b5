import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from allclear_release.targets import PYTHONS
from workflows.documents import ACTION, FOLDER, NAMES, OURS, ROOT, action, jobs, parts, steps, workflow

EXECUTORS = {"evidence.yml": "evidence", "rollback-production.yml": "rollback", "smoke.yml": "smoke"}
WRITERS = ["postmortem.yml", "respond.yml", "sweep.yml"]
REVIEW = "review.yml"
DOORS = [*WRITERS, *EXECUTORS, REVIEW]
BASE = "${{ github.event.repository.default_branch }}"
PINNED = re.compile(r"^ *(?:- )?uses: (?:\./|[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
RUNNER = "${{ vars.ALLCLEAR_RUNNER || 'ubuntu-24.04' }}"

# Where the code is: beside the action, as in a release and here, or at the top, as after `allclear init`.
TREE = """\
tree=$GITHUB_ACTION_PATH
if [ ! -d "$tree/scripts/allclear" ]; then tree=$GITHUB_WORKSPACE; fi
"""

PUBLISH = ("release.yml", "publish")
"""The job that may publish a release checks nothing out, so that no code of the repository has its rights."""

LOOKING = {
    "actions": "write",
    "contents": "read",
    "deployments": "read",
    "issues": "write",
    "pull-requests": "read",
    "statuses": "write",
}
PROPOSING = {
    "actions": "write",
    "contents": "write",
    "deployments": "read",
    "issues": "write",
    "pull-requests": "write",
    "statuses": "read",
}
WRITING_UP = {**PROPOSING, "statuses": "write"}
# An operation's record is a git ref; nothing of the issue is written but by respond.
CLAIMING = {"actions": "write", "contents": "write", "issues": "read"}
SMOKING = {"contents": "read", "issues": "read"}
ACTING = {"contents": "read", "deployments": "read", "issues": "read", "statuses": "read"}

# What each job may do, in full: a wider token has to be argued for here as well.
TOKENS = {
    ("ci.yml", "ci"): {"contents": "read"},
    ("proof.yml", "proof"): {"contents": "read"},
    ("release.yml", "build"): {"contents": "read"},
    ("release.yml", "publish"): {"attestations": "write", "contents": "write", "id-token": "write"},
    ("postmortem.yml", "postmortem"): WRITING_UP,
    ("review.yml", "review"): {
        "contents": "read",
        "issues": "read",
        "pull-requests": "write",
        "statuses": "write",
    },
    ("respond.yml", "respond"): LOOKING,
    ("respond.yml", "postmortem"): WRITING_UP,
    ("respond.yml", "hotfix"): PROPOSING,
    ("rollback-production.yml", "claim"): {**CLAIMING, "deployments": "read", "statuses": "read"},
    ("rollback-production.yml", "execute"): {**ACTING, "actions": "read"},
    ("rollback-production.yml", "deploy"): {**ACTING, "actions": "write"},
    ("rollback-production.yml", "smoke"): SMOKING,
    ("rollback-production.yml", "report"): {**CLAIMING, "deployments": "write", "statuses": "write"},
    ("smoke.yml", "claim"): CLAIMING,
    ("smoke.yml", "smoke"): SMOKING,
    ("smoke.yml", "report"): {**CLAIMING, "deployments": "read", "statuses": "write"},
    ("evidence.yml", "claim"): CLAIMING,
    ("evidence.yml", "collect"): {
        "actions": "read",
        "contents": "read",
        "deployments": "read",
        "issues": "read",
    },
    ("evidence.yml", "report"): CLAIMING,
    ("sweep.yml", "sweep"): LOOKING,
    ("sweep.yml", "postmortem"): WRITING_UP,
    ("sweep.yml", "hotfix"): PROPOSING,
}

# The secrets that deploy tools, checks and evidence commands may be given.
SECRETS = [
    "DATABASE_URL",
    "DEPLOY_TOKEN",
    "FLY_API_TOKEN",
    "HEROKU_API_KEY",
    "KUBECONFIG_DATA",
    "POSTHOG_PERSONAL_API_KEY",
    "SENTRY_AUTH_TOKEN",
    "STRIPE_API_KEY",
    "SUPABASE_ACCESS_TOKEN",
    "VERCEL_ORG_ID",
    "VERCEL_PROJECT_ID",
    "VERCEL_TOKEN",
]


# The key of the record: for the jobs that write replies, and those that check the record before they claim.
KEY = "${{ secrets.ALLCLEAR_KEY }}"
KEY_PLACE = {"name": "${{ vars.ALLCLEAR_KEY_ENVIRONMENT }}", "deployment": False}
WITH_KEY = {
    ("postmortem.yml", "postmortem"),
    ("respond.yml", "respond"),
    ("respond.yml", "postmortem"),
    ("respond.yml", "hotfix"),
    ("sweep.yml", "sweep"),
    ("sweep.yml", "postmortem"),
    ("sweep.yml", "hotfix"),
    ("rollback-production.yml", "claim"),
    ("smoke.yml", "claim"),
    ("evidence.yml", "claim"),
}


def passed(output: str, secret: str) -> str:
    """How a job is given a secret: only when this operation's commands name it."""
    named = f"contains(fromJSON(needs.claim.outputs.{output}), '{secret}')"
    return f"${{{{ {named} && secrets.{secret} || '' }}}}"


def ours(document: Any) -> list[Any]:
    """The steps of a job that use the action."""
    return [step for step in document["steps"] if step.get("uses") == OURS]


def expressions(text: str) -> list[str]:
    return re.findall(r"\$\{\{.*?\}\}", text)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def test_there_are_workflows_to_look_at() -> None:
    assert set(NAMES) >= {*DOORS, "ci.yml"}


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_has_no_rights_of_its_own(name: str) -> None:
    assert workflow(name)["permissions"] == {}


def test_each_job_has_exactly_the_rights_it_needs() -> None:
    found = {(name, job): document["permissions"] for name in NAMES for job, document in jobs(name)}
    assert found == TOKENS


@pytest.mark.parametrize("name", NAMES)
def test_no_job_runs_for_ever(name: str) -> None:
    longest = 75 if name == "proof.yml" else 30
    assert all(0 < document["timeout-minutes"] <= longest for _, document in jobs(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_job_runs_on_a_named_image_unless_the_repository_names_another_runner(name: str) -> None:
    """Z2: `ubuntu-latest` waits for many minutes on bad days, and becomes another system by itself."""
    assert {document["runs-on"] for _, document in jobs(name)} == {RUNNER}


@pytest.mark.parametrize("file", [*(FOLDER / name for name in NAMES), ACTION], ids=lambda file: file.stem)
def test_every_action_is_our_own_or_pinned_to_a_commit_that_says_its_version(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if re.match(r" *(?:- )?uses:", line)]
    assert lines
    assert [line for line in lines if not PINNED.match(line)] == []


def test_an_action_has_one_version_everywhere() -> None:
    every = [*parts(), *(step for name in NAMES for step in steps(name))]
    uses = {step["uses"] for step in every if "uses" in step}
    assert len(uses) == len({use.partition("@")[0] for use in uses})


def test_no_expression_is_pasted_into_a_script() -> None:
    every = [*parts(), *(step for name in NAMES for step in steps(name))]
    assert [step["run"] for step in every if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("name", DOORS)
def test_nothing_people_wrote_reaches_a_job_through_yaml(name: str) -> None:
    """Only the token, a number or our own output go in; the event is read from its file."""
    allowed = {
        "${{ inputs.issue }}",
        "${{ needs.respond.outputs.postmortem }}",
        "${{ needs.sweep.outputs.postmortem }}",
        "${{ needs.respond.outputs.hotfix }}",
        "${{ needs.sweep.outputs.hotfix }}",
        "${{ needs.claim.outputs.operation }}",
        "${{ needs.claim.outputs.issue }}",
        "${{ needs.execute.result }}",
        "${{ needs.deploy.result }}",
        "${{ needs.collect.outputs.result }}",
        "${{ needs.collect.outputs.artifact_id }}",
        "${{ needs.collect.outputs.artifact_digest }}",
        "${{ steps.collect.outputs.decision }}",
        "${{ needs.execute.outputs.result || needs.deploy.outputs.result }}",
        "${{ needs.execute.outputs.outcome || needs.deploy.outputs.outcome }}",
        "${{ needs.smoke.outputs.result }}",
        "${{ steps.look.outputs.decision }}",
        "${{ steps.prepare.outputs.decision }}",
        "smoke-${{ needs.claim.outputs.operation }}",
        "evidence-${{ needs.claim.outputs.issue }}-${{ needs.claim.outputs.operation }}",
        BASE,
        *(passed(which, secret) for which in ("secrets", "smoke_secrets") for secret in SECRETS),
        KEY,
    }
    given = {text for step in steps(name) for key in ("env", "with") for text in strings(step.get(key))}
    assert {text for text in given if "${{" in text} <= allowed


@pytest.mark.parametrize("name", NAMES)
def test_the_checkout_leaves_no_token_behind(name: str) -> None:
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == len([job for job, _ in jobs(name) if (name, job) != PUBLISH])
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("name", sorted({*DOORS} - {REVIEW}))
def test_code_comes_from_the_trusted_branch_only(name: str) -> None:
    """Without `ref`, an issue, comment or schedule event checks out the default branch; a dispatch the commit
    that its run was started with, in each of its jobs, however late: the settings of claim and execute are
    the same. https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
    """
    checkouts = [step for step in steps(name) if step.get("uses", "").startswith("actions/checkout@")]
    assert all("ref" not in step["with"] and "repository" not in step["with"] for step in checkouts)
    assert not {"pull_request_target", "workflow_run", "pull_request", "push"} & set(workflow(name)["on"])


def test_a_review_runs_no_code_of_the_pull_request_and_has_no_secret() -> None:
    """Its checkout would be what the pull request brings, merged, if it did not say otherwise. With
    `pull_request` a fork's run has a token that only reads, and no secrets.
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
    """
    document = workflow(REVIEW)
    assert set(document["on"]) == {"pull_request", "pull_request_review"}
    assert document["on"]["pull_request"]["paths"] == ["reports/incidents/**"]
    ((_, job),) = jobs(REVIEW)
    checkout, door = job["steps"]
    assert checkout["with"] == {"persist-credentials": False, "ref": BASE}
    assert door["with"] == {"door": "review"}
    assert "environment" not in job
    assert [text for text in strings(document) if "secrets." in text] == []
    # Whether it does something stands in the group as well, so that a run which does not evicts none.
    (group,) = expressions(document["concurrency"]["group"].replace("\n", " "))
    ours = "github.event.pull_request.head.repo.full_name == github.repository"
    assert ours in job["if"]
    assert " ".join(job["if"].split()) in " ".join(group.split())
    assert document["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize("name", NAMES)
def test_every_job_uses_the_action_right_after_its_checkout_and_sets_up_once(name: str) -> None:
    for job, document in jobs(name):
        if (name, job) == PUBLISH:
            continue
        checkout, first, *_ = document["steps"]
        assert checkout["uses"].startswith("actions/checkout@")
        assert first["uses"] == OURS
        assert [bool(step.get("with", {}).get("ready")) for step in ours(document)] == [
            False,
            *[True] * (len(ours(document)) - 1),
        ]


def test_a_release_is_built_twice_without_rights_and_published_without_a_checkout() -> None:
    assert workflow("release.yml")["on"] == {"push": {"tags": ["v*"]}}
    (build, publish) = (document["steps"] for _, document in jobs("release.yml"))
    (building,) = [step["run"] for step in build if "run" in step]
    assert building.count("RELEASE_TAG=$GITHUB_REF_NAME make release\n") == 2
    assert building.count("cmp ") == 2
    versions = {step["with"]["python-version"] for step in build if "setup-python" in step.get("uses", "")}
    assert versions == {f"{major}.{minor}" for major, minor in PYTHONS}
    order = [step.get("uses", "run").partition("@")[0] for step in publish]
    assert order == ["actions/download-artifact", "actions/attest", "run"]


@pytest.mark.parametrize("name", DOORS)
def test_a_workflow_is_only_a_way_to_its_door(name: str) -> None:
    assert [step for step in steps(name) if "run" in step] == []
    opened = [step["with"]["door"] for step in steps(name) if "door" in step.get("with", {})]
    assert opened[0] == EXECUTORS.get(name, name.removesuffix(".yml"))
    assert all(any("door" in step.get("with", {}) for step in ours(document)) for _, document in jobs(name))
    assert all((ROOT / f"scripts/{door}.py").is_file() for door in opened)


def test_the_action_opens_the_doors_that_there_are_and_no_path() -> None:
    refuse, *_, door = parts()
    listed = re.fullmatch(r"\$\{\{ !contains\(fromJSON\('(.+)'\), inputs\.door\) \}\}", refuse["if"])
    assert listed is not None
    assert json.loads(listed[1]) == ["", *sorted(file.stem for file in (ROOT / "scripts").glob("*.py"))]
    assert refuse["run"].endswith("exit 1\n")
    assert door["run"] == f'{TREE}python3 -S "$tree/scripts/allclear/launcher.py" "$ALLCLEAR_DOOR"\n'
    assert door["env"]["ALLCLEAR_DOOR"] == "${{ inputs.door }}"


def test_the_action_installs_by_hash_from_the_lock_and_only_when_nothing_did_before() -> None:
    (install,) = [part for part in parts() if "pip" in part.get("run", "")]
    assert {"--require-hashes", "--only-binary", "--no-deps"} <= set(install["run"].split())
    assert install["run"].startswith(TREE)
    assert install["run"].endswith('--requirement "$tree/requirements/run.txt"\n')
    (python,) = [part for part in parts() if "uses" in part]
    (look,) = [part for part in parts() if part.get("id") == "packages"]
    assert look["if"] == "inputs.ready != 'true'"
    assert install["if"] == python["if"] == f"{look['if']} && steps.packages.outputs.there != 'true'"
    assert parts().index(look) < parts().index(python) < parts().index(install)
    asked = (
        'if python3 -S "$tree/scripts/allclear/launcher.py"; then echo there=true >>"$GITHUB_OUTPUT"; fi\n'
    )
    assert look["run"] == TREE + asked


def test_nothing_restores_a_cache() -> None:
    """Z4: a restored cache is unpacked over the checkout, also to absolute paths."""
    every = [*parts(), *(step for name in NAMES for step in steps(name))]
    assert [step for step in every if "cache" in str(step.get("uses", "")) + str(step.get("with", ""))] == []


def test_only_the_door_is_given_the_token_and_only_it_is_told_of_the_inputs() -> None:
    *before, door = parts()
    assert door["env"].keys() == {"ALLCLEAR_DOOR", "ALLCLEAR_KEY", "GITHUB_TOKEN"}
    assert door["env"]["ALLCLEAR_KEY"] == "${{ inputs.key }}"
    assert [text for part in before for text in strings(part) if "inputs.key" in text] == []
    assert door["env"]["GITHUB_TOKEN"] == "${{ inputs.token == 'true' && github.token || '' }}"
    assert [part["env"] for part in before if "env" in part] == []
    assert [text for part in before for text in strings(part.get("with"))] == ["${{ inputs.python }}"]
    texts = [(name, text) for name in NAMES for text in strings(workflow(name)) if "github.token" in text]
    assert texts == [("release.yml", "${{ github.token }}")]  # of the job that runs no code of the repository


def test_the_action_passes_on_the_outputs_that_jobs_read_each_under_its_own_name() -> None:
    outputs = action()["outputs"]
    assert {name: about["value"] for name, about in outputs.items()} == {
        name: f"${{{{ steps.door.outputs.{name} }}}}" for name in outputs
    }
    doors = {
        step["id"] for name in NAMES for step in steps(name) if step.get("uses") == OURS and "id" in step
    }
    texts = "\n".join(text for name in NAMES for text in strings(workflow(name)))
    read = re.findall(rf"steps\.(?:{'|'.join(doors)})\.outputs\.(\w+)", texts)
    assert set(read) == outputs.keys()


@pytest.mark.parametrize("name", WRITERS)
def test_a_run_that_writes_is_never_cancelled_and_never_queues_deep(name: str) -> None:
    concurrency = workflow(name)["concurrency"]
    assert concurrency["cancel-in-progress"] is False
    assert "queue" not in concurrency  # `single`: the newest run does the work of those it replaced
    assert all("concurrency" not in document for _, document in jobs(name))


@pytest.mark.parametrize("name", EXECUTORS)
def test_an_operation_goes_from_the_claim_to_the_report(name: str) -> None:
    """Only who claimed it acts; the report says how it ended whatever happened, and no run is cancelled."""
    found = dict(jobs(name))
    order = list(found)
    assert (order[0], order[-1]) == ("claim", "report")
    assert found["claim"]["environment"] == KEY_PLACE
    for act in ("execute", "deploy") if name == "rollback-production.yml" else (order[1],):
        api = {"execute": "false", "deploy": "true"}.get(act)
        one = f" && needs.claim.outputs.api == '{api}'" if api else ""
        assert found[act]["needs"] == "claim"
        assert found[act]["if"] == f"needs.claim.outputs.go == 'true'{one}"
    assert found["report"]["needs"] == order[:-1]
    assert found["report"]["if"] == "always() && needs.claim.outputs.operation != ''"
    assert workflow(name)["concurrency"]["cancel-in-progress"] is False
    assert set(found["claim"]["outputs"]) >= {"operation", "issue", "service", "go", "smoke_environment"}


@pytest.mark.parametrize("name", EXECUTORS)
def test_a_run_that_waits_for_people_holds_up_no_other_operation(name: str) -> None:
    """One group an operation: of a service's group, the first would keep the others waiting for 30 days."""
    first = f"allclear-{EXECUTORS[name]}-"
    group = workflow(name)["concurrency"]["group"]
    assert group == f"{first}${{{{ inputs.operation || github.run_id }}}}"


def test_no_run_of_a_rollback_is_evicted_from_its_group() -> None:
    """`queue: max` (platform facts A2, A8): actionlint and act do not know it yet, GitHub does."""
    assert workflow("rollback-production.yml")["concurrency"]["queue"] == "max"


@pytest.mark.parametrize("name", EXECUTORS)
def test_secrets_reach_only_jobs_with_an_environment_that_records_no_deployment(name: str) -> None:
    """E7: who may write may read the repository's secrets, so that credentials belong to an environment."""
    for job, document in jobs(name):
        secret = {
            text for step in document["steps"] for text in strings(step.get("env")) if "secrets." in text
        }
        if not secret and job != "deploy":
            assert document.get("environment", KEY_PLACE) == KEY_PLACE, job
            continue
        # The job that goes through GitHub's API has the environment for its reviewers, and no secret.
        assert bool(secret) is (job != "deploy")
        assert document["environment"]["deployment"] is False
        assert re.fullmatch(
            r"\$\{\{ needs\.claim\.outputs\.(smoke_)?environment \}\}", document["environment"]["name"]
        )


def test_a_step_has_secrets_or_a_token_and_after_one_with_secrets_none_of_its_job_has_a_token() -> None:
    """A command can read every process of its machine, and change what later steps of its job run."""
    for name in NAMES:
        for job, document in jobs(name):
            given = False
            for step in ours(document):
                secret = any("secrets." in text for text in strings(step.get("env")))
                token = bool(step.get("with", {}).get("token", True)) and "door" in step.get("with", {})
                assert not (token and (secret or given)), (name, job, step["name"])
                given = given or secret


def test_secrets_are_given_to_the_steps_that_act_look_or_collect_and_to_nothing_else() -> None:
    """Not to a job or a whole workflow; and no job says `secrets: inherit`. The key of the record is the one
    secret that is an input, of the action's door alone.
    """
    given = {
        (name, job, step["name"])
        for name in NAMES
        for job, document in jobs(name)
        for step in document["steps"]
        if any("secrets." in text for text in strings(step.get("env")))
    }
    assert given == {
        ("evidence.yml", "collect", "Complete"),
        ("rollback-production.yml", "execute", "Act"),
        ("rollback-production.yml", "smoke", "Smoke"),
        ("smoke.yml", "smoke", "Smoke"),
    }
    # The action hands its environment on to all its steps: where secrets are, it sets nothing up.
    for name in NAMES:
        for step in steps(name):
            if any("secrets." in text for text in strings(step.get("env"))):
                assert (step["uses"], step["with"]["ready"]) == (OURS, True)
    assert "secrets." not in "".join(expressions(ACTION.read_text()))
    for name in NAMES:
        document = workflow(name)
        bare = [{key: value for key, value in job.items() if key != "steps"} for _, job in jobs(name)]
        others = [step | {"env": {}} for step in steps(name)]
        around = {key: value for key, value in document.items() if key != "jobs"}
        found = {text for text in strings([around, *bare, *others]) if re.search(r"\bsecrets\.", text)}
        assert found <= {KEY}
        assert all("secrets" not in job for _, job in jobs(name))


def test_the_key_of_the_record_is_given_to_those_who_write_or_claim_and_never_where_commands_run() -> None:
    given = {
        (name, job)
        for name in NAMES
        for job, document in jobs(name)
        for step in document["steps"]
        if step.get("with", {}).get("key") == KEY
    }
    assert given == WITH_KEY
    placed = {
        (name, job)
        for name in NAMES
        for job, document in jobs(name)
        if document.get("environment") == KEY_PLACE
    }
    assert placed == WITH_KEY
    for name in NAMES:
        for job, document in jobs(name):
            holding = [step for step in document["steps"] if KEY in strings(step)]
            assert len(holding) == ((name, job) in WITH_KEY)
            assert all(step["uses"] == OURS and step["with"]["door"] for step in holding)
            # Where a service's secrets are, its commands run, and the key is not.
            services = [text for text in strings(document) if "secrets." in text and text != KEY]
            assert not (holding and services)


@pytest.mark.parametrize("name", EXECUTORS)
def test_the_inputs_of_an_operation_name_its_run_and_its_group_and_are_read_nowhere_else(name: str) -> None:
    """E1: everything else is read from the event's file by the door, and held to the record."""
    document = workflow(name)
    shown = [document["run-name"], document["concurrency"]["group"]]
    read = [text for text in strings(document) if re.search(r"\binputs\b|\bgithub\.event\b", text)]
    assert sorted(read) == sorted(shown)


@pytest.mark.parametrize("name", EXECUTORS)
def test_an_artifact_is_named_after_what_was_claimed(name: str) -> None:
    """An upload by the pinned action, of one known place, by a job that the claim let through."""
    for job, document in jobs(name):
        for step in document["steps"]:
            if step.get("uses", "").startswith("actions/upload-artifact@"):
                assert "claim" in document["needs"], job
                assert step["with"]["path"] in ("smoke.xml", "allclear-evidence")
                assert step["with"]["name"].endswith("-${{ needs.claim.outputs.operation }}")


@pytest.mark.parametrize("name", EXECUTORS)
def test_an_operation_is_dispatched_with_text_and_needs_none(name: str) -> None:
    """`gh workflow run rollback-production` without inputs works (000-14)."""
    trigger = workflow(name)["on"]
    assert list(trigger) == ["workflow_dispatch"]
    given = trigger["workflow_dispatch"]["inputs"]
    assert given.keys() - {"target", "dry_run", "migrations", "while_deploying", "reason"} == {
        "operation",
        "service",
        "incident",
    }
    boxes = {field for field, one in given.items() if one["type"] == "boolean"}
    assert boxes == given.keys() & {"dry_run", "migrations", "while_deploying"}
    assert all(given[field]["default"] is False for field in boxes)
    texts = [one for field, one in given.items() if field not in boxes]
    assert all(one["type"] == "string" and one["required"] is False for one in texts)
    assert next(iter(given)) == "service"
    assert list(given)[-1] == "operation"
    assert given["operation"]["description"].startswith("Internal, leave it empty")
    assert workflow(name)["run-name"] == f"{name.removesuffix('.yml')} ${{{{ inputs.operation }}}}"


@pytest.mark.parametrize("name", ["respond.yml", "sweep.yml"])
def test_the_other_jobs_run_only_when_one_is_due_and_one_after_the_other(name: str) -> None:
    found = dict(jobs(name))
    first = name.removesuffix(".yml")
    assert list(found) == [first, "postmortem", "hotfix"]
    assert found[first]["outputs"] == {
        job: f"${{{{ steps.{first}.outputs.{job} }}}}" for job in ("hotfix", "postmortem")
    }
    output = f"needs.{first}.outputs"
    assert found["postmortem"]["needs"] == first
    assert found["postmortem"]["if"] == f"{output}.postmortem != '' && {output}.postmortem != '[]'"
    # One writer per incident: the hotfix waits for the post-mortem, which is skipped nearly always.
    assert found["hotfix"]["needs"] == [first, "postmortem"]
    assert found["hotfix"]["if"] == (
        f"!cancelled() && needs.{first}.result == 'success' "
        f"&& {output}.hotfix != '' && {output}.hotfix != '[]'"
    )


def test_the_schedule_avoids_the_full_hour() -> None:
    (entry,) = workflow("sweep.yml")["on"]["schedule"]
    minutes = entry["cron"].split()[0]
    start, end, step = map(int, re.split(r"[-/]", minutes))
    fired = set(range(start, end + 1, step))
    assert len(fired) == 6
    assert not fired & {0, 15, 30, 45}


def test_the_form_asks_what_the_incident_is_read_from() -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/incident.yml").read_text())
    fields = [field["attributes"]["label"] for field in form["body"] if field["type"] != "markdown"]
    assert form["labels"] == ["incident"]
    assert fields == [
        "Severity",
        "What is happening",
        "Started (UTC)",
        "Detected by",
        "User impact",
        "Affected services",
    ]
