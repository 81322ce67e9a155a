import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentSettings } from '@scriptmesh/config';
import type { RunId } from '@scriptmesh/contracts';
import { endSupervisor } from './end-supervisor.js';
import { Logger, type LogFields } from '@scriptmesh/logging';

export const AGENT_KEY = 'agent-key-of-a-test-0123456789-abcdef';

/** A home folder of its own, with the given scripts in its manifest. */
export class AgentHome {
  readonly path = mkdtempSync(join(tmpdir(), 'scriptmesh-agent-'));

  constructor(scripts: Readonly<Record<string, string>> = {}) {
    mkdirSync(join(this.path, 'cfg'), { mode: 0o700 });
    mkdirSync(join(this.path, 'scripts'), { mode: 0o755 });
    for (const [file, text] of Object.entries(scripts))
      writeFileSync(join(this.path, 'scripts', file), text, { mode: 0o755 });
    const entries = Object.keys(scripts).map((file) => ({ name: file.split('.')[0], path: `scripts/${file}` }));
    writeFileSync(join(this.path, 'cfg', 'script_manifest.json'), JSON.stringify({ scripts: entries }), {
      mode: 0o644,
    });
  }

  settings(more: Partial<AgentSettings> = {}): AgentSettings {
    return {
      home: this.path,
      mode: 'production',
      logLevel: 'error',
      logMaxFiles: 10,
      logMaxMegabytes: 10,
      name: 'test-agent',
      host: '127.0.0.1',
      port: 0,
      url: null,
      key: AGENT_KEY,
      registrationKey: 'main-key-of-a-test-0123456789-abcdefgh',
      orchestratorUrl: 'http://127.0.0.1:9',
      clientCertificate: null,
      transport: 'http',
      labels: {},
      heartbeatIntervalSeconds: 3600,
      maxConcurrentRuns: 4,
      defaultTimeoutSeconds: 60,
      killGraceSeconds: 1,
      outputMaxBytes: 10_000_000,
      diskReserveBytes: 0,
      spoolMaxBytes: 1_000_000_000,
      keptRecords: 100,
      ...more,
    };
  }

  /** With a supervisor that is left, and its scripts. */
  async remove(): Promise<void> {
    await endSupervisor(join(this.path, 'spool'));
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Keeps the events, so that a test can look at what an operator would read. */
export class KeptLog extends Logger {
  readonly lines: { readonly level: string; readonly event: string; readonly fields: LogFields }[] = [];

  override debug(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', event, fields });
  }
  override info(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', event, fields });
  }
  override warn(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', event, fields });
  }
  override error(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', event, fields });
  }
  text(): string {
    return JSON.stringify(this.lines, (_, value: unknown) =>
      value instanceof Error ? `${value.message} ${value.stack}` : value,
    );
  }
}

const FILE = randomBytes(2).toString('hex');
/**
 * The n-th run id: they sort by their number. Each test file has its own, since the processes of a run are found, and
 * killed, by its id.
 */
export const runIdOf = (n: number): RunId => `019b7600-${FILE}-7000-8000-${n.toString(16).padStart(12, '0')}` as RunId;
