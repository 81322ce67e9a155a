import {
  ERROR_CATALOGUE,
  LOSS_CAUSES,
  RUN_CAUSES,
  RUN_STATES,
  type ErrorCode,
  type RunId,
} from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { aRun, NOW_MS } from '../test-support/a-run.js';
import { LOSSES } from './explain-lost.js';
import { NO_REFUSALS, REFUSALS } from './explain-refused.js';
import { explainRun } from './explain-run.js';
import type { AgentFacts, ExplainFacts } from './explanation.js';
import type { Run } from './run.js';

const ONLINE: AgentFacts = { liveness: 'online', lastSeenAtMs: NOW_MS - 3000, freeSlots: 4, isKnown: true };
const ENDED = { startedAtMs: NOW_MS - 2500, finishedAtMs: NOW_MS, executed: 'yes' } as const;
const UNSTARTED = { finishedAtMs: NOW_MS, executed: 'no' } as const;
const AN_ID = '019b7600-0000-7000-8000-0000000000ff' as RunId;
const SEEN = '1970-01-01T00:16:37.000Z';
const NOW = '1970-01-01T00:16:40.000Z';
const BY = '1970-01-01T00:26:40.000Z';

const facts = (run: Partial<Run>, more: Partial<ExplainFacts> = {}): ExplainFacts => ({
  run: aRun(run),
  cause: null,
  cancelledBy: null,
  agent: ONLINE,
  nowMs: NOW_MS,
  lostAfterMs: 3_600_000,
  outputMaxBytes: 1_048_576,
  ...more,
});
const away: Partial<ExplainFacts> = { agent: { ...ONLINE, liveness: 'offline' } };

/** What each explanation has to say: words of the summary, the rule and the advice. */
const CASES: readonly [string, ExplainFacts, readonly string[], readonly string[], readonly string[]][] = [
  [
    'queued, its agent away',
    facts({ state: 'queued' }, away),
    ['waited for 1 s', 'db-1 is offline', SEEN, BY, '10 min 0 s from now'],
    ['queued', 'SCRIPT_MESH_DELIVER_WITHIN_SECONDS'],
    ['Start the agent', 'scriptmesh agents show db-1'],
  ],
  [
    'queued, its agent never heard',
    facts({ state: 'queued' }, { agent: { ...ONLINE, liveness: 'unknown', lastSeenAtMs: null } }),
    ['has never been heard'],
    ['queued'],
    ['Start the agent'],
  ],
  [
    'queued before the first hello',
    facts({ state: 'queued' }, { agent: { ...ONLINE, isKnown: false } }),
    ['has not said hello yet'],
    ['queued'],
    ['Wait for its first hello'],
  ],
  [
    'queued without a free slot',
    facts({ state: 'queued' }, { agent: { ...ONLINE, freeSlots: 0 } }),
    ['no free slot'],
    ['free slot'],
    ['SCRIPT_MESH_MAX_CONCURRENT_RUNS', '--state running'],
  ],
  [
    'queued as a later attempt',
    facts({ state: 'queued', attempt: 2, retries: 3, notBeforeMs: NOW_MS + 20_000, retryOf: AN_ID }),
    ['attempt 2 of 4 of run 019b7600', 'leaves in 20 s'],
    ['queued'],
    ['scriptmesh runs cancel'],
  ],
  [
    'failed, and tried again',
    facts({ state: 'failed', ...ENDED, exitCode: 3, retries: 3, retriedBy: AN_ID }),
    ['attempt 1 of 4', `run ${AN_ID} tries it again`],
    ['failed', '"idempotent": true'],
    [`scriptmesh runs explain ${AN_ID}`],
  ],
  [
    'failed, the last attempt',
    facts({ state: 'failed', ...ENDED, exitCode: 3, retries: 3, attempt: 4 }),
    ['attempt 4 of 4, the last one'],
    ['failed', '5, 10, 20'],
    ['scriptmesh runs output'],
  ],
  [
    'failed, and not safe to repeat',
    facts({ state: 'failed', ...ENDED, exitCode: 3, retries: 3 }),
    ['it is not tried again: it may have been executed', 'db-1'],
    ['failed', 'nothing was executed'],
    ['script_manifest.json', 'scriptmesh run hello_world -a db-1'],
  ],
  [
    'expired, with retries',
    facts({ state: 'expired', ...UNSTARTED, retries: 3 }),
    ['attempt 1 of 4, and it is not tried again'],
    ['never when it has expired'],
    [],
  ],
  [
    'queued after offers that did not arrive',
    facts({ state: 'queued', offers: 3 }),
    ['each of its 3 offers did not arrive', `last heard at ${SEEN}`],
    ['queued'],
    ['address'],
  ],
  [
    'queued behind others',
    facts({ state: 'queued' }),
    ['turn of other runs', 'maxConcurrent'],
    ['queued'],
    ['--state running'],
  ],
  [
    'queued past its deliverBy',
    facts({ state: 'queued', deliverByMs: NOW_MS - 1 }),
    ['deliverBy has passed'],
    ['deliverBy'],
    ['Look again'],
  ],
  [
    'queued for an agent that is gone',
    facts({ state: 'queued' }, { agent: undefined }),
    ['not registered any more'],
    ['queued'],
    ['scriptmesh agents list'],
  ],
  [
    'dispatched, in doubt',
    facts({ state: 'dispatched', offers: 2, inDoubt: 2, nextOfferAtMs: NOW_MS + 1000 }, away),
    ['2 offers have been sent', 'in doubt (in_doubt 2)', '1970-01-01T00:16:41.000Z', 'offline', BY],
    ['0.25, 1, 2, 4 ... 30 s', 'at most once'],
    ['Wait for the agent'],
  ],
  [
    'dispatched to an agent of 0.2',
    facts({ state: 'dispatched', journalId: null }),
    ['ScriptMesh 0.2', '500 ms ago'],
    ['never sent again'],
    ['runs watch'],
  ],
  [
    'running',
    facts({ state: 'running', startedAtMs: NOW_MS - 65_000, effectiveTimeoutMs: 125_000, cancelRequested: true }),
    ['1 min 5 s ago', 'timeout of 2 min 5 s ends it at 1970-01-01T00:17:40.000Z', 'A cancel was asked for'],
    ['timeoutSeconds', 'SCRIPT_MESH_DEFAULT_TIMEOUT_SECONDS'],
    ['runs output -f'],
  ],
  [
    'running on an agent that is away, its timeout unknown',
    facts({ state: 'running', startedAtMs: NOW_MS }, away),
    ['timeout is not known', 'offline', 'the script goes on without it'],
    ['running'],
    ['runs output -f'],
  ],
  [
    'succeeded',
    facts({ state: 'succeeded', exitCode: 0, ...ENDED }),
    ['exit code 0', 'after 2 s', NOW],
    ['succeeded'],
    ['Nothing is to be done'],
  ],
  [
    'failed with exit 3',
    facts({ state: 'failed', exitCode: 3, ...ENDED }),
    ['by itself with exit code 3', 'after 2 s'],
    ['any exit code but 0'],
    ['runs output'],
  ],
  [
    'failed with exit 126',
    facts({ state: 'failed', exitCode: 126, ...ENDED }),
    ['exit code 126'],
    ['failed'],
    ['could not be executed', 'permissions'],
  ],
  [
    'failed with exit 127',
    facts({ state: 'failed', exitCode: 127, ...ENDED }),
    ['exit code 127'],
    ['failed'],
    ['was not found', 'PATH'],
  ],
  [
    'failed with exit 137 by itself',
    facts({ state: 'failed', exitCode: 137, ...ENDED }),
    ['by itself with exit code 137'],
    ['failed'],
    ['itself was not killed', 'SIGKILL'],
  ],
  [
    'failed by signal 9',
    facts({ state: 'failed', signal: 'SIGKILL', ...ENDED }),
    ['ended by signal SIGKILL', 'no exit code'],
    ['ScriptMesh did not send'],
    ['out-of-memory'],
  ],
  [
    'failed by TERM from outside',
    facts({ state: 'failed', signal: 'SIGTERM', ...ENDED }),
    ['SIGTERM'],
    ['failed'],
    ['Somebody on the machine'],
  ],
  ['failed by a crash', facts({ state: 'failed', signal: 'SIGSEGV', ...ENDED }), ['SIGSEGV'], ['failed'], ['crashed']],
  [
    'timed out',
    facts({ state: 'timed_out', signal: 'SIGKILL', effectiveTimeoutMs: 2000, ...ENDED }),
    ['its timeout of 2 s', 'SIGKILL ended it', 'after 2 s'],
    ['SCRIPT_MESH_DEFAULT_TIMEOUT_SECONDS', 'SCRIPT_MESH_KILL_GRACE_SECONDS'],
    ['--timeout'],
  ],
  [
    'cancelled while it ran',
    facts({ state: 'cancelled', signal: 'SIGTERM', ...ENDED }, { cause: 'result', cancelledBy: 'operator:ann' }),
    ['by operator:ann', 'was stopped', 'after 2 s'],
    ['cancelled (yes)', 'SCRIPT_MESH_KILL_GRACE_SECONDS'],
    ['how far it came'],
  ],
  [
    'cancelled before its start',
    facts({ state: 'cancelled', ...UNSTARTED }, { cause: 'cancel', cancelledBy: 'operator:ann' }),
    ['by operator:ann', 'nothing was executed'],
    ['cancelled (no)'],
    ['Nothing is to be done'],
  ],
  [
    'cancelled with its agent',
    facts({ state: 'cancelled', ...UNSTARTED }, { cause: 'agent-removed', cancelledBy: 'operator:ann' }),
    ['db-1 was removed by operator:ann'],
    ['cancelled (no)'],
    ['another agent'],
  ],
  [
    'expired in the queue',
    facts({ state: 'expired', finishedAtMs: NOW_MS + 600_000, executed: 'no' }, { ...away, cause: 'deliver-by' }),
    ['10 min 1 s', 'never left the queue', 'offline'],
    ['SCRIPT_MESH_DELIVER_WITHIN_SECONDS'],
    ['--deliver-within'],
  ],
  [
    'expired by the fence of its agent',
    facts({ state: 'expired', finishedAtMs: NOW_MS + 600_000, executed: 'no', offers: 9 }, { cause: 'never' }),
    ['after 9 offers', 'promised never to start it'],
    ['deliverBy'],
    ['--deliver-within'],
  ],
  [
    'expired on a route of 0.2',
    facts({ state: 'expired', reason: 'the agent is down', ...UNSTARTED }, { cause: 'deliver-by' }),
    ['the agent is down'],
    ['no queue'],
    ['POST /api/v1/runs'],
  ],
  [
    'truncated',
    facts({ state: 'succeeded', exitCode: 0, truncated: true, droppedBytes: 77, ...ENDED }),
    ['exit code 0', '77 bytes were left out'],
    ['SCRIPT_MESH_OUTPUT_MAX_BYTES', '1048576'],
    ['runs output'],
  ],
  [
    'truncated in the middle',
    facts({
      state: 'failed',
      exitCode: 1,
      truncated: true,
      droppedBytes: 200_077,
      tails: {
        stdout: { offset: 1_180_000, length: 65_536, missing: 131_424 },
        stderr: { offset: 3_117, length: 0, missing: 3117 },
      },
      ...ENDED,
    }),
    [
      '200077 bytes were written beyond its limit',
      'Of stdout 131424 bytes are missing in the middle; its last 65536 are kept.',
      'Of stderr the last 3117 bytes are missing.',
    ],
    ['last 64 KiB'],
    ['runs output'],
  ],
  [
    'truncated by bytes that were lost',
    facts({ state: 'failed', exitCode: 1, truncated: true, ...ENDED }),
    ['lost on its way'],
    ['truncated'],
    ['runs output'],
  ],
  [
    'lost before causes were kept',
    facts({ state: 'lost', executed: 'unknown', finishedAtMs: NOW_MS, reason: 'who knows' }),
    ['before causes were kept: who knows', 'Whether the script was started is not known'],
    ['lost (unknown)'],
    ['Check on the machine'],
  ],
];

describe('the explanation of a run that is', () => {
  it.each(CASES)('%s', (_name, given, summary, rule, advice) => {
    const told = explainRun(given);
    for (const word of summary) expect(told.summary).toContain(word);
    for (const word of rule) expect(told.rule).toContain(word);
    for (const word of advice) expect(told.advice).toContain(word);
  });

  const REFUSAL_WORDS: readonly [ErrorCode, string, string][] = [
    ['script/not-found', 'lists no script "hello_world"', 'scripts list -a db-1'],
    ['script/file-missing', 'is not there', 'Put the file back'],
    ['script/not-runnable', 'cannot be started as it is', 'scriptmesh agent check'],
    ['manifest/invalid', 'has a fault', 'scriptmesh explain'],
    ['manifest/unsafe-path', 'leads out of', 'scripts folder'],
    ['manifest/unsafe-permissions', 'may write the file', 'chmod go-w'],
    ['manifest/hash-mismatch', 'not the one', 'Restore the file'],
    ['params/invalid', 'parameters', 'fitting ones'],
    ['run/start-failed', 'start itself failed', 'reason above'],
    ['run/stale', 'older than', 'Ask for the run again'],
    ['store/full', 'storage full', 'Free disk space'],
  ];
  it.each(REFUSAL_WORDS)('rejected with %s', (reasonCode, what, advice) => {
    const told = explainRun(facts({ state: 'rejected', reasonCode, reason: 'as told', ...UNSTARTED }));
    expect(told.summary).toContain(what);
    expect(told.summary).toContain(`(${reasonCode}): as told. Nothing was executed.`);
    expect(told.advice).toContain(advice);
  });

  const LOSS_WORDS: Readonly<Record<(typeof LOSS_CAUSES)[number], readonly [string, string]>> = {
    'node-restarted': ['node was restarted', 'before the boot'],
    'supervisor-ended': ['watches the scripts was killed', 'orphan'],
    'spool-removed': ['folder was removed', 'without its output'],
    'agent-ended': ['agent ended while the script ran', 'earlier life of the agent'],
    'before-start': ['between accepting the run and starting', 'after 2 s'],
    'record-unreadable': ['cannot be read', 'never taken for permission'],
    'agent-said': ['agent says that it does not know', '"lost"'],
    'no-record': ['no record', 'absent'],
    'below-floor': ['restored from a backup', 'SCRIPT_MESH_KEPT_RECORDS'],
    contradiction: ['although output', 'contradict'],
    'other-journal': ['wiped or restored', 'first offered to'],
    silence: ['nothing was heard', '5 s) plus SCRIPT_MESH_LOST_AFTER_SECONDS (1 h 0 min)'],
    'agent-removed': ['removed by operator:ann', 'are lost'],
    'legacy-unclear': ['0.2 agent ended without an answer', 'no journal'],
    'legacy-orphaned': ['orchestrator that waited', 'lease of 90 s'],
    restored: ['restored from a backup', 'no journal'],
  };
  it.each(LOSS_CAUSES)('lost by %s', (cause) => {
    const run = { state: 'lost', executed: 'yes', finishedAtMs: NOW_MS, effectiveTimeoutMs: 5000 } as const;
    const told = explainRun(facts(run, { cause, cancelledBy: 'operator:ann' }));
    const [what, rule] = LOSS_WORDS[cause];
    expect(told.summary).toContain(what);
    expect(told.summary).toContain('The script was started.');
    expect(told.rule).toContain('lost (yes)');
    expect(told.summary).toContain('whether it is whole is not known');
    expect(told.rule).toContain(rule);
    expect(told.advice).toContain('Check on the machine');
  });
});

describe('explanations', () => {
  it('are there for every state with every cause', () => {
    for (const state of RUN_STATES) {
      for (const cause of [null, ...RUN_CAUSES]) {
        const told = explainRun(facts({ state, ...UNSTARTED }, { cause }));
        for (const words of Object.values(told)) expect(words).toMatch(/^[^\n]*\.$|^[^\n]*"\.?$/);
        expect(JSON.stringify(told)).not.toMatch(/undefined|NaN|null/);
      }
    }
  });

  it('are there for every cause of a loss', () => {
    expect(Object.keys(LOSSES).toSorted()).toEqual([...LOSS_CAUSES].toSorted());
  });

  it('have words of their own for every code that an agent refuses with', () => {
    const codes = Object.keys(ERROR_CATALOGUE) as ErrorCode[];
    const ofRuns = codes.filter((code) => /^(?:script|manifest|params|run)\//.test(code));
    expect(ofRuns.filter((code) => !REFUSALS[code] && !NO_REFUSALS.includes(code))).toEqual([]);
  });

  it('fall back on the catalogue for every other code', () => {
    for (const reasonCode of Object.keys(ERROR_CATALOGUE) as ErrorCode[]) {
      const told = explainRun(facts({ state: 'rejected', reasonCode, ...UNSTARTED }));
      expect(told.summary).toContain(`(${reasonCode})`);
      expect(told.advice).not.toBe('');
    }
  });
});
