import { readFileSync } from 'node:fs';
import { arch, hostname, platform, uptime } from 'node:os';
import type { Clock } from '@scriptmesh/runtime';
import { AGENT_VERSION } from '../../../agent-version.js';
import { NodeFacts } from '../node-facts.js';

export class OsNodeFacts extends NodeFacts {
  readonly #bootId: string;

  constructor(clock: Clock) {
    super();
    this.#bootId = readBootId() ?? `booted-${Math.round((clock.nowMs() / 1000 - uptime()) / 60)}`;
  }

  override facts(): Readonly<Record<string, string>> {
    return { hostname: hostname(), platform: platform(), arch: arch(), node: process.version, version: AGENT_VERSION };
  }
  override bootId(): string {
    return this.#bootId;
  }
}

function readBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
