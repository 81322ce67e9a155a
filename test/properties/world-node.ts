import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentId } from '@scriptmesh/contracts';
import type { AgentSettings } from '@scriptmesh/config';
import type { MovedClock } from '@scriptmesh/testing';
import { startAgent, type AgentProgram } from './agent-program.js';
import type { HostileNetwork } from './hostile-network.js';
import { Life, LifeClock, type WorldIds } from './life.js';
import type { ScriptHost } from './script-host.js';

interface NodeParts {
  readonly agentId: AgentId;
  readonly url: string | null;
  readonly settings: AgentSettings;
  readonly clock: MovedClock;
  readonly ids: WorldIds;
  readonly network: HostileNetwork;
  readonly host: ScriptHost;
}

/** One machine: its disk, its scripts and the lives of its agent. */
export class WorldNode {
  program: AgentProgram | undefined;
  /** Of the spool that was copied last, if one was. */
  copied: { readonly journalId: string; readonly count: number } | undefined;

  /** How wrong its wall clock is. */
  wallOffsetMs = 0;

  constructor(readonly parts: NodeParts) {}

  get agentId(): AgentId {
    return this.parts.agentId;
  }
  get isUp(): boolean {
    return this.program !== undefined && !this.program.life.isOver;
  }
  get #spool(): string {
    return join(this.parts.settings.home, 'spool');
  }

  async start(): Promise<void> {
    if (this.isUp) return;
    const life = new Life();
    mkdirSync(this.#spool, { recursive: true });
    this.program = await startAgent(life, {
      ...this.parts,
      clock: new LifeClock(this.parts.clock, life, () => this.wallOffsetMs),
    });
    const { host } = this.parts;
    for (const { runId, end } of this.program.journal.open()) {
      const truth = host.checker.truths.get(runId);
      if (!end && truth?.spawns === 0) truth.causes.add('the agent died between intent and start');
    }
  }

  crash(): void {
    if (this.program) this.program.life.isOver = true;
  }

  reboot(): void {
    this.crash();
    this.blameAll('reboot');
    this.parts.host.reboot();
  }

  wipe(): void {
    rmSync(this.#spool, { recursive: true, force: true });
  }

  copySpool(): void {
    if (!this.program) return;
    rmSync(`${this.#spool}.copy`, { recursive: true, force: true });
    cpSync(this.#spool, `${this.#spool}.copy`, { recursive: true });
    const { journalId, recordCount } = this.program.journal;
    this.copied = { journalId, count: recordCount };
  }

  restoreSpool(): void {
    if (!existsSync(`${this.#spool}.copy`)) return;
    this.wipe();
    cpSync(`${this.#spool}.copy`, this.#spool, { recursive: true });
  }

  /** Open runs of this node may end as lost for this. */
  blameAll(cause: string): void {
    for (const { runId } of this.program?.journal.open() ?? [])
      this.parts.host.checker.truths.get(runId)?.causes.add(cause);
  }
}
