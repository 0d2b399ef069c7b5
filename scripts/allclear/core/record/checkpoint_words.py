"""Words that checkpoints have in common: a checkpoint is packed against them, and takes half the room."""

from __future__ import annotations

import base64
import zlib

AGAINST_WORDS = "1."
"""What a packed checkpoint begins with that is packed against ``WORDS``; earlier versions packed without."""

LARGEST = 4_000_000
"""Bytes that a packed checkpoint may unpack to: above it, somebody packed a bomb."""

WORDS = (
    b'{"state":{"incident":{"number":1,"stage":"closed","kind":"drill","stage":"open","title":"",'
    b'"severity":"P1","severity":"P0","status":"resolved","status":"mitigating","status":"identified",'
    b'"status":"monitoring","milestones":{"started":"2026-01-01T00:00:00+00:00",'
    b'"detected":"2026-01-01T00:00:00+00:00","declared":"2026-01-01T00:00:00+00:00",'
    b'"acknowledged":"2026-01-01T00:00:00+00:00","identified":"2026-01-01T00:00:00+00:00",'
    b'"mitigated":"2026-01-01T00:00:00+00:00","resolved":"2026-01-01T00:00:00+00:00",'
    b'"closed":"2026-01-01T00:00:00+00:00"},"opened":"2026-01-01T00:00:00+00:00","team":{"reporter":{'
    b'"id":1,"login":""},"roles":{"ic":{"id":1,"login":""},"tech":{"id":1,"login":""},"comms":{"id":1,'
    b'"login":""},"scribe":{"id":1,"login":""}},"responders":[{"id":1,"login":""}]},"impact":{"users":1,'
    b'"text":""},"findings":{"root_cause":"","fix":""},"observed":{"suggested":{'
    b'"rollback:0/0/c":"2026-01-01T00:00:00+00:00"}},"progress":{"ticks":{"verification":{"by":{"id":1,'
    b'"login":""},"at":"2026-01-01T00:00:00+00:00"}},"flags":["security"],"raised":{"security":{'
    b'"key":"c","at":"2026-01-01T00:00:00+00:00"}},"fired":{"response/0/0":"2026-01-01T00:00:00+00:00",'
    b'"all-hands/0/0":"2026-01-01T00:00:00+00:00","-1/0/0":"2026-01-01T00:00:00+00:00",'
    b'"-2/0/0":"2026-01-01T00:00:00+00:00"},"told":["all hands"],"updates":[{'
    b'"at":"2026-01-01T00:00:00+00:00","by":{"id":1,"login":""},"text":"","next":"","eta":""}],'
    b'"actions":[{"owner":{"id":1,"login":""},"due":"2026-01-01","text":"","number":1,"followed":true}],'
    b'"updated":1,"planned":1},"production":{"operations":{"rollback-":{"id":"rollback-",'
    b'"kind":"rollback","smoke-":{"id":"smoke-","kind":"smoke","service":"","by":{"id":1,"login":""},'
    b'"asked":"2026-01-01T00:00:00+00:00","state":"","outcome":"passed","url":"https://github.com/"}}},'
    b'"voices":{"alert":{"said":{"declared":"2026-01-01T00:00:00+00:00"},'
    b'"last":"2026-01-01T00:00:00+00:00"},"team":{"said":{"update":"2026-01-01T00:00:00+00:00"},'
    b'"last":"2026-01-01T00:00:00+00:00"}},"postmortem":{"path":"reports/incidents/2026-01-01-",'
    b'"branch":"allclear/postmortem-","url":"https://github.com/","pull":1},"runbook":{"name":"",'
    b'"hash":""},"last":"2026-01-01T00:00:00+00:00","word":"2026-01-01T00:00:00+00:00"},"ledger":{'
    b'"count":1,"begun":"2026-01-01T00:00:00+00:00","severity_at":"2026-01-01T00:00:00+00:00",'
    b'"levels":["P0"],"keys":{"comment":{"c1.0":1},"event":{},"once":{"declare":0},"other":{'
    b'"t:all-hands/0/0":0,"voice:alert:declared:0":0}},"speakers":{"1":{'
    b'"at":"2026-01-01T00:00:00+00:00"}}},"head":"","links":[""],"linked":1,"runbook":""},"cursor_id":0,'
    b'"cursor_at":"2026-01-01T00:00:00+00:00","count":0,"settings":"{\\"runbook\\":\\"\\",\\"zone\\":\\"\\",'
    b'\\"people\\":{},\\"services\\":{},\\"providers\\":{},\\"actions\\":{},\\"hosts\\":[],\\"private_hosts\\":[],'
    b'\\"rights\\":{},\\"bots\\":[41898282],\\"ignore\\":[],\\"status_page\\":\\"\\",\\"labels\\":{'
    b'\\"incident\\":\\"incident\\",\\"reported\\":\\"status:reported\\",\\"postmortem\\":\\"postmortem:pending\\",'
    b'\\"reviews\\":{},\\"learned\\":\\"learned\\",\\"action\\":\\"action-item\\",\\"digest\\":\\"action-digest\\",'
    b'\\"routine\\":\\"routine\\",\\"severities\\":{},\\"states\\":{}},\\"digest\\":\\"mon\\",'
    b'\\"public_evidence\\":false}"}'
)
"""A dictionary of deflate: the likelier a text, the nearer to the end. What was packed against it stands in
issues, so it is never changed: another one gets another name.

https://docs.python.org/3/library/zlib.html#zlib.compressobj
"""

DOUBT = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What becomes of reading anything that is not as we write it or GitHub documents it: JSON too, nested by
somebody who may edit the panel.
"""


def unpacked(packed: str) -> bytes:
    """The JSON of a packed checkpoint. Raises ValueError when it is none."""
    plain = packed.removeprefix(AGAINST_WORDS)
    inflate = zlib.decompressobj() if plain == packed else zlib.decompressobj(zdict=WORDS)
    try:
        text = inflate.decompress(base64.b64decode(plain, validate=True), LARGEST)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not inflate.eof:
        msg = "cut off, or larger than a checkpoint may be"
        raise ValueError(msg)
    return text
