import { MAIN_PRINCIPAL, type FromAgent, type RunId } from '@scriptmesh/contracts';
import { RunCancels, RunsService } from '../../apps/orchestrator/src/features/runs/index.js';
import { SpeakingAgent } from '../../apps/orchestrator/src/test-support/speaking-agent.js';
import { newTruth } from './check-history.js';
import type { History, Step, StepKind } from './history.js';
import { NETWORK_MODES } from './hostile-network.js';
import { AGENTS, type World } from './world.js';
import type { WorldNode } from './world-node.js';
import { unlessUnavailable } from './world-store.js';

const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;
const KEYS = 14;
const DAY_MS = 86_400_000;

const nodeOf = (world: World, pick: number): WorldNode => world.nodes[pick % world.nodes.length] as WorldNode;
const at = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)];

/** All that a key stands for follows from it: the same key asks for the same. */
async function ask(world: World, pick: number): Promise<void> {
  const n = pick % KEYS;
  const agent = at(AGENTS, n)?.name ?? '';
  const script = ['steady', 'steady', 'flaky', 'strange'][Math.floor(n / 2) % 4] ?? '';
  const request = {
    agent,
    script,
    params: {},
    timeoutSeconds: 60,
    deliverWithinSeconds: 5 + n * 20,
    origin: 'api',
  } as const;
  const answer = await world.get(RunsService).acceptOnce(request, BY, `key-${n}`).catch(unlessUnavailable);
  // It may be there all the same; whoever asked may ask again with the same key.
  if (!answer) return noteUnanswered(world);
  const { run, isReplayed } = answer;
  world.checker.noteAccepted(`key-${n}`, run.id);
  const truth = world.checker.truths.get(run.id) ?? newTruth();
  if (!isReplayed) world.checker.truths.set(run.id, truth);
}

async function noteUnanswered({ store, checker: { truths } }: World): Promise<void> {
  for (const { id } of await store.runs(false)) if (!truths.has(id)) truths.set(id, newTruth());
}

async function cancel(world: World, pick: number): Promise<void> {
  const id = at([...world.checker.truths.keys()], pick);
  const truth = id === undefined ? undefined : world.checker.truths.get(id);
  if (!truth || id === undefined) return;
  truth.isCancelAsked = true;
  // It may have ended by now.
  await world
    .get(RunCancels)
    .cancel(id, 'a test', BY)
    .catch(() => undefined);
}

/** Another agent, with its own good key, speaks of a run that is not its own, or of one that is nobody's. */
async function forge(world: World, pick: number): Promise<void> {
  const runs = await world.store.runs(false);
  const run = at(runs, pick);
  const speaker = AGENTS.find(({ id }) => id !== run?.agentId);
  if (!speaker) return;
  const madeUp = `019b7600-0000-7000-8000-f${(pick % 1000).toString(16).padStart(11, '0')}`;
  const runId = (pick % 3 === 0 ? madeUp : (run?.id ?? madeUp)) as RunId;
  const about = { runId, receipt: 'A'.repeat(43) };
  const words: readonly FromAgent[] = [
    { kind: 'never', ...about, belowFloor: false },
    { kind: 'accepted', ...about, timeoutMs: 5, scriptSha: 'd'.repeat(64) },
    { kind: 'lost', ...about, started: true, why: 'forged' },
    { kind: 'absent', ...about, askedWhile: 'running' },
  ];
  const agent = new SpeakingAgent(speaker.id, speaker.key);
  const journal = await world.store.db.read
    .selectFrom('agents')
    .select('journal_id')
    .where('id', '=', speaker.id)
    .executeTakeFirst();
  agent.journalId = (journal?.journal_id ?? null) as SpeakingAgent['journalId'];
  const word = at(words, Math.floor(pick / 3));
  if (word) world.network.inFlight.push({ way: 'to-orchestrator', agentId: speaker.id, frames: [agent.seal(word)] });
  await world.network.deliver(world.network.inFlight.length - 1, { isKept: false });
}

function breakJournals(world: World, { copied, program }: WorldNode): void {
  for (const id of [copied?.journalId, program?.journal.journalId]) if (id) world.brokenJournals.add(id);
}

async function wipeSpool(world: World, pick: number): Promise<void> {
  const node = nodeOf(world, pick);
  breakJournals(world, node);
  // Its scripts may live on.
  if (pick % 4 < 2) node.reboot();
  else node.crash();
  node.wipe();
  await node.start();
}

/** Only what the orchestrator can notice, or where nothing is missing: more is not promised. */
async function rollBackSpool(world: World, pick: number): Promise<void> {
  const node = nodeOf(world, pick);
  const { copied, program } = node;
  if (!copied || !program) return;
  const told = await world.store.db.read
    .selectFrom('agents')
    .select(['journal_id', 'count_seen'])
    .where('id', '=', node.agentId)
    .executeTakeFirst();
  const retired = await world.store.db.read
    .selectFrom('retired_journals')
    .select('journal_id')
    .where('journal_id', '=', copied.journalId)
    .executeTakeFirst();
  const isSame = program.journal.journalId === copied.journalId && program.journal.recordCount === copied.count;
  const isNoticed = retired !== undefined || (told?.journal_id === copied.journalId && copied.count < told.count_seen);
  if (isSame || isNoticed) await putSpoolBack(world, node);
}

async function putSpoolBack(world: World, node: WorldNode): Promise<void> {
  breakJournals(world, node);
  node.reboot();
  node.restoreSpool();
  await node.start();
}

async function beSilent(world: World): Promise<void> {
  for (let minute = 0; minute < 5; minute += 1) {
    await world.clock.advance(60_000);
    await world.settle();
    await world.sweep();
  }
}

const SCRIPT_TEXT = 'abcdefghijklmnopqrstuvwxyz0123456789';

function write(world: World, pick: number): void {
  const { host } = nodeOf(world, pick).parts;
  const runId = at([...host.scripts.keys()], Math.floor(pick / 2));
  const from = pick % SCRIPT_TEXT.length;
  if (runId) host.write(runId, pick % 5 === 0 ? 'stderr' : 'stdout', SCRIPT_TEXT.slice(from, from + 1 + (pick % 7)));
}

function withScript(world: World, pick: number, act: (host: WorldNode['parts']['host'], runId: RunId) => void): void {
  const { host } = nodeOf(world, pick).parts;
  const runId = at([...host.scripts.keys()], Math.floor(pick / 2));
  if (runId) act(host, runId);
}

type Taken = (world: World, pick: number, history: History) => unknown;

const TAKEN: Readonly<Record<StepKind, Taken>> = {
  ask,
  askTwice: (world, pick) => Promise.all([ask(world, pick), ask(world, pick)]),
  cancel,
  deliver: (world, pick) => world.network.deliver(pick % Math.max(1, world.network.inFlight.length), { isKept: false }),
  repeat: (world, pick) => world.network.deliver(pick % Math.max(1, world.network.inFlight.length), { isKept: true }),
  drop: (world, pick) => world.network.drop(pick % Math.max(1, world.network.inFlight.length)),
  second: (world, pick) => world.clock.advance(250 + (pick % 4000)),
  minute: (world, pick) => world.clock.advance(20_000 + (pick % 60_000)),
  sweep: (world) => world.sweep(),
  poll: (world, pick) => world.poll(nodeOf(world, pick)),
  write,
  exit: (world, pick) => withScript(world, pick, (host, runId) => host.exit(runId, pick % 3 === 0 ? 1 : 0)),
  timeOut: (world, pick) => withScript(world, pick, (host, runId) => host.kill(runId, 'timed_out')),
  crashAgent: (world, pick) => nodeOf(world, pick).crash(),
  crashInWrite: (world, pick) => {
    const { program } = nodeOf(world, pick);
    if (program) program.disk.crashAfter = Math.floor(pick / 2) % 7;
  },
  startAgent: (world, pick) => nodeOf(world, pick).start(),
  crashOrchestrator: (world) => world.restartOrchestrator(),
  killSupervisor: (world, pick) => nodeOf(world, pick).parts.host.killSupervisor(),
  reboot: async (world, pick) => {
    nodeOf(world, pick).reboot();
    await nodeOf(world, pick).start();
  },
  wipeSpool,
  copySpool: (world, pick, { rollsBack }) => rollsBack === 'spool' && nodeOf(world, pick).copySpool(),
  backup: (world, _pick, { rollsBack }) => rollsBack === 'store' && world.backUpStore(),
  rollBack: (world, pick, { rollsBack }) =>
    rollsBack === 'spool' ? rollBackSpool(world, pick) : world.store.hasBackup && world.restoreStore(),
  partition: (world, pick) => {
    const { unreachable } = world.network;
    const { agentId } = nodeOf(world, pick);
    if (!unreachable.delete(agentId)) unreachable.add(agentId);
  },
  relist: (world) => void (world.isFlakyListed = !world.isFlakyListed),
  forge,
  longSilence: beSilent,
  loseCommitAnswers: (world, pick) => void (world.store.answersToLose = 1 + (pick % 3)),
  clockJump: (world, pick) => {
    const way = [0, 1, -1][pick % 3] ?? 0;
    if (pick % 4 === 0) world.jumpTo(way * DAY_MS);
    else nodeOf(world, pick).wallOffsetMs = way * DAY_MS;
  },
  network: (world, pick) => void (world.network.mode = NETWORK_MODES[pick] ?? 'chance'),
  rollBackAnyway: (world, pick) => putSpoolBack(world, nodeOf(world, pick)),
};

export async function takeStep(world: World, { kind, pick }: Step, history: History): Promise<void> {
  await TAKEN[kind](world, pick, history);
  await world.settle();
}
