"""What other issues and pull requests did to this incident: joined, published, fixed forward."""

from __future__ import annotations

from allclear.core.model.asking import Asking
from allclear.core.model.neutral import code, inline
from allclear.core.model.people import Person, Rights
from allclear.core.model.snapshot import Comment, PullSeen, Wants
from allclear.core.plan.passing import Pass
from allclear.core.plan.published import opened_by_hand, published
from allclear.core.production.hotfix import made_by_hand, merged_key
from allclear.core.record.chain import Break
from allclear.core.record.entry import Entry
from allclear.core.record.incident import Stage
from allclear.core.record.join import read_join
from allclear.core.record.life import Joined
from allclear.core.record.production import HotfixClosed, HotfixMerged, HotfixOpened
from allclear.core.view.reply import engine_part


def follow(current: Pass) -> Asking[None]:
    """Write down what happened elsewhere since the last pass."""
    _joined(current)
    yield from opened_by_hand(current)
    yield from published(current)
    if current.incident.stage == Stage.OPEN:
        yield from _opened_by_hand(current)
        yield from _ended(current)
        yield from _pushed(current)


def _joined(current: Pass) -> None:
    """Issues that say they are this incident."""
    for comment in current.snapshot.comments:
        join = (
            read_join(comment.body)
            if comment.author and comment.author.id in current.policy.settings.bots
            else None
        )
        if join is None or (join.repo, join.of) != (current.snapshot.repository.id, current.incident.number):
            continue
        if not join.counts(current.policy.keys):
            _name_unsigned(current, comment)
            continue
        key = f"j{join.issue}.{comment.id}"
        if join.issue not in current.incident.links.joined and not current.ledger.has(key):
            fact = Joined(issue=join.issue, people=join.people)
            entry = Entry(key=key, what="joined", at=comment.created_at, source=comment.id, facts=(fact,))
            current.add(
                engine_part(entry, f"#{join.issue} is the same incident. Its people were added here.")
            )


def _name_unsigned(current: Pass, comment: Comment) -> None:
    """Say once that a comment brings nobody along. One that an earlier pass followed is known by its key."""
    broken = Break.of(comment, "unsigned")
    if current.ledger.touched(comment.id) or current.ledger.has(broken.key):
        return
    entry = Entry(key=broken.key, what="tampered", at=current.snapshot.now, facts=(broken.fact,))
    say = (
        f"[This comment]({comment.url}) says that another incident is this one, but no key of this "
        "repository signed it, so it brings nobody along."
    )
    current.add(engine_part(entry, say, "refused"))


def _opened_by_hand(current: Pass) -> Asking[None]:
    """Take in a hotfix that somebody opened as 000-15 tells them to, or from the link that we gave them.

    Only of people with write access: a branch's name is anybody's to choose, and a pull request from it may
    be opened by everybody who can read.
    """
    hotfix, known = current.incident.production.hotfix, current.known
    if hotfix is not None and (hotfix.pending or hotfix.followed):
        return
    if hotfix is not None and hotfix.pull is None:
        yield from known.learn(Wants(recent_pulls=True))
    closer = current.snapshot.closer
    seen = {one.number: one for one in current.snapshot.recent_pulls or ()}
    if closer is not None and closer.pull is not None:
        seen[closer.pull.number] = closer.pull
    for pull in made_by_hand(current.incident, seen.values(), current.ledger.has):
        assert pull.author is not None  # made_by_hand leaves out those of nobody
        rights = yield from known.rights_of(pull.author)
        if rights is not None and rights >= Rights.WRITE:
            _adopt(current, pull, pull.author)
            return


def _adopt(current: Pass, pull: PullSeen, author: Person) -> None:
    fact = HotfixOpened(branch=pull.branch, base=pull.base, url=pull.url, pull=pull.number)
    key = f"hotfix-pull:{pull.number}:{current.ledger.count}"
    entry = Entry(key=key, what="hotfix", by=author, at=current.snapshot.now, facts=(fact,))
    say = (
        f"[Pull request #{pull.number}]({pull.url}) by {inline(author.login)}, from the branch "
        f"{code(pull.branch)}, is the hotfix of this incident and is followed here. Merging it does not end "
        "the incident, whatever its text says: `/all-clear` does."
    )
    current.add(engine_part(entry, say))


def _ended(current: Pass) -> Asking[None]:
    """Write down that the hotfix was merged, so that the incident is fixed forward once that is deployed; or
    that it was closed.
    """
    incident, hotfix = current.incident, current.incident.production.hotfix
    if hotfix is None or hotfix.pull is None or not hotfix.followed:
        return
    yield from current.known.learn(Wants(pulls=frozenset({hotfix.pull})))
    end, now = current.snapshot.pulls[hotfix.pull], current.snapshot.now
    link = f"[#{hotfix.pull}]({hotfix.url})"
    if end.merged is not None:
        key, fact = merged_key(hotfix.pull), HotfixMerged(at=end.merged)
        window = current.policy.runbook.window(incident.severity, "hotfix")
        starts = f", which starts the extended monitoring of {window.words()}" if window else ""
        say = f"The hotfix {link} is merged. When it is deployed, write `/status monitoring`{starts}."
        current.add(engine_part(Entry(key=key, what="hotfix", at=now, facts=(fact,)), say))
    elif end.closed is not None:
        key = f"hotfix-closed:{hotfix.pull}:{current.ledger.count}"
        entry = Entry(key=key, what="hotfix", at=now, facts=(HotfixClosed(at=end.closed),))
        say = (
            f"The hotfix {link} was closed without being merged. Open it again to go on with it, or write "
            "`/hotfix` for another one."
        )
        current.add(engine_part(entry, say, "helped"))


def _pushed(current: Pass) -> Asking[None]:
    """Look whether somebody pushed the branch that GitHub did not let us make: its pull request follows."""
    hotfix = current.incident.production.hotfix
    if hotfix is not None and hotfix.unpushed:
        yield from current.known.learn(Wants(branches=frozenset({hotfix.branch})))
        current.pushed = current.snapshot.branches[hotfix.branch]
