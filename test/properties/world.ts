import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import type { AgentSettings } from '@scriptmesh/config';
import { Overdue } from '../../apps/orchestrator/src/features/dispatch/overdue.js';
import { Reconcile } from '../../apps/orchestrator/src/features/dispatch/reconcile.js';
import { AgentLinks } from '../../apps/orchestrator/src/features/links/index.js';
import { AgentDirectory } from '../../apps/orchestrator/src/features/registry/index.js';
import { RestoredRuns } from '../../apps/orchestrator/src/features/restore/restored-runs.js';
import { someSettings } from '../../apps/orchestrator/src/test-support/surroundings.js';
import { Chance } from './chance.js';
import { HistoryChecker, isFinal, type RunTruth } from './check-history.js';
import { HostileNetwork } from './hostile-network.js';
import { Life, LifeClock, WorldIds } from './life.js';
import { startOrchestrator, type OrchestratorProgram } from './orchestrator-program.js';
import { ScriptHost } from './script-host.js';
import { WorldNode } from './world-node.js';
import { FERNET_KEY, unlessUnavailable, WorldStore, type EnrolledAgent, type StoreTemplate } from './world-store.js';

export const AGENTS: readonly EnrolledAgent[] = [
  { id: 'a1', name: 'db-1', key: 'an-agent-key-for-tests-of-32-chars-1', url: 'http://10.0.0.1:5001' },
  // Only dials: its offers leave with the answers to its own messages.
  { id: 'b2', name: 'db-2', key: 'an-agent-key-for-tests-of-32-chars-2', url: null },
].map((agent) => ({ ...agent, id: `019b7600-0000-7000-8000-0000000000${agent.id}` as AgentId }));

const LOST_AFTER_SECONDS = 120;
/** Turns of the event loop without any work before all is taken to be quiet. */
const QUIET_TURNS = 4;
const MOST_TURNS = 5000;
const HEALING_ROUNDS = 80;

/** A small mesh in one process: the real programs, a network and nodes that fail as the history says. */
export class World {
  readonly clock = new MovedClock();
  readonly chance: Chance;
  readonly network: HostileNetwork;
  readonly checker = new HistoryChecker(new Map<string, RunTruth>());
  readonly store: WorldStore;
  readonly nodes: readonly WorldNode[];
  readonly folder: string;
  orchestrator!: OrchestratorProgram;
  /** The store was put back from a backup at least once. */
  isRestored = false;
  isFlakyListed = true;
  /** How wrong the wall clock of the orchestrator is. */
  wallOffsetMs = 0;
  #furthestOffsetMs = 0;
  /** Journals of spools that were wiped or put back: what was handed to them may be lost. */
  readonly brokenJournals = new Set<string>();
  #failure: unknown;
  readonly #ids: WorldIds;

  constructor(seed: number, template: StoreTemplate) {
    this.chance = new Chance(seed);
    this.network = new HostileNetwork(this.chance);
    this.#ids = new WorldIds(() => this.chance.fraction());
    this.folder = mkdtempSync(join(template.folder, 'world-'));
    this.store = new WorldStore(this.folder, template);
    this.nodes = AGENTS.map((agent) => this.#nodeOf(agent));
  }

  async open(): Promise<void> {
    await this.store.open();
    await this.startOrchestrator();
    for (const node of this.nodes) await node.start();
    await this.settle();
  }

  async close(): Promise<void> {
    for (const node of this.nodes) node.crash();
    // Not there when it could not be started.
    if (this.orchestrator as OrchestratorProgram | undefined) await this.stopOrchestrator();
    await this.store.db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get<T>(part: abstract new (...args: never[]) => T): T {
    return this.orchestrator.nest.get<T>(part as never);
  }

  async startOrchestrator(): Promise<void> {
    const life = new Life();
    this.orchestrator = await startOrchestrator(life, {
      db: this.store.db,
      settings: someSettings({ lostAfterSeconds: LOST_AFTER_SECONDS }),
      fernetKey: FERNET_KEY,
      clock: new LifeClock(this.clock, life, () => this.wallOffsetMs),
      ids: this.#ids,
      network: this.network,
    });
  }

  /** With its store: each program opens it anew, and tells agents so. */
  async restartOrchestrator(whileDown: () => void = () => undefined): Promise<void> {
    await this.stopOrchestrator();
    await this.settle();
    await this.store.db.close();
    whileDown();
    await this.store.open();
    await this.startOrchestrator();
  }

  async stopOrchestrator(): Promise<void> {
    this.orchestrator.life.isOver = true;
    await this.orchestrator.nest.close();
  }

  /** Lets all that was begun come to rest, then looks whether it was right. */
  async settle(): Promise<void> {
    let quiet = 0;
    for (let turn = 0; quiet < QUIET_TURNS && turn < MOST_TURNS; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.network.working + this.store.working === 0 ? quiet + 1 : 0;
    }
    if (this.#failure) throw this.#failure;
  }

  async check(): Promise<void> {
    const runs = await this.store.runs(true);
    for (const { id, journalId } of runs)
      if (journalId !== null && this.brokenJournals.has(journalId))
        this.checker.truths.get(id)?.causes.add('spool changed');
    this.checker.check(runs, { isRestored: this.isRestored });
  }

  async sweep(): Promise<void> {
    const sweeps = [this.get(Reconcile).sweep(), this.get(Overdue).sweep()];
    await Promise.all(sweeps.map((sweep) => sweep.catch(unlessUnavailable)));
  }

  async poll({ agentId }: WorldNode): Promise<void> {
    const agent = await this.get(AgentDirectory).findAgent(agentId);
    if (agent) await this.get(AgentLinks).poll(agent).catch(unlessUnavailable);
  }

  /** Puts the backup in the place of the store, as the command does it. */
  async restoreStore(): Promise<void> {
    this.store.answersToLose = 0;
    await this.restartOrchestrator(() => this.store.putBack());
    this.isRestored = true;
    this.checker.noteRestored();
    await this.get(RestoredRuns).mark(0);
  }

  /** The wall clock of the orchestrator is wrong from now on. */
  jumpTo(wallOffsetMs: number): void {
    this.wallOffsetMs = wallOffsetMs;
    this.#furthestOffsetMs = Math.max(this.#furthestOffsetMs, wallOffsetMs);
  }

  backUpStore(): Promise<void> {
    return this.restartOrchestrator(() => this.store.backUp());
  }

  /** No faults any more: everything has to end, and what was late on the network must not change that. */
  async heal(): Promise<void> {
    this.network.isHealed = true;
    this.network.unreachable.clear();
    // What was put off while the clock was ahead waits until it is there again; the promise (I9) counts from then on.
    this.wallOffsetMs = this.#furthestOffsetMs;
    this.store.answersToLose = 0;
    for (const node of this.nodes) {
      node.wallOffsetMs = 0;
      if (node.program) node.program.disk.crashAfter = null;
      await node.start();
    }
    for (let round = 0; round < HEALING_ROUNDS && !(await this.#isQuiet()); round += 1) {
      await this.clock.advance(round < 10 ? 5000 : 30_000);
      await this.settle();
      for (const { parts } of this.nodes)
        for (const runId of Array.from(parts.host.scripts.keys())) if (round > 1) parts.host.exit(runId, 0);
      await this.settle();
      if (round % 2 === 0) await this.sweep();
      for (const node of this.nodes) await this.poll(node);
      await this.settle();
    }
    this.checker.checkHealed(await this.store.runs(false));
    while (this.network.inFlight.length > 0) await this.network.deliver(0, { isKept: false });
    await this.settle();
    await this.check();
    this.checker.checkArrows(await this.store.arrows(), await this.store.runs(false), this.isRestored);
  }

  async #isQuiet(): Promise<boolean> {
    const isBusy = this.nodes.some(
      ({ parts, program }) => parts.host.scripts.size + (program?.journal.open().length ?? 0) > 0,
    );
    return !isBusy && (await this.store.runs(false)).every(({ state }) => isFinal(state));
  }

  #nodeOf({ id, name, key, url }: EnrolledAgent): WorldNode {
    const fail = (error: unknown): void => void (this.#failure ??= error);
    const host = new ScriptHost(
      this.chance,
      this.checker,
      fail,
      () => !this.network.isHealed && this.network.mode === 'chance',
    );
    host.isListed = (script) => script === 'steady' || (script === 'flaky' && this.isFlakyListed);
    const settings = agentSettings({ home: join(this.folder, name), name, key });
    return new WorldNode({
      agentId: id,
      url,
      settings,
      clock: this.clock,
      ids: this.#ids,
      network: this.network,
      host,
    });
  }
}

const agentSettings = (own: Pick<AgentSettings, 'home' | 'name' | 'key'>): AgentSettings => ({
  mode: 'production',
  logLevel: 'error',
  logMaxFiles: 10,
  logMaxMegabytes: 10,
  host: '127.0.0.1',
  port: 0,
  url: null,
  clientCertificate: null,
  registrationKey: 'main-key-of-a-test-0123456789-abcdefgh',
  orchestratorUrl: 'http://127.0.0.1:9',
  transport: 'http',
  labels: {},
  heartbeatIntervalSeconds: 10,
  maxConcurrentRuns: 2,
  defaultTimeoutSeconds: 60,
  killGraceSeconds: 1,
  outputMaxBytes: 10_000_000,
  diskReserveBytes: 0,
  spoolMaxBytes: 1_000_000_000,
  keptRecords: 2,
  ...own,
});
