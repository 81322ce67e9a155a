import { readFileSync } from 'node:fs';
import { arch, hostname, platform, uptime } from 'node:os';
import type { Clock } from '@scriptmesh/runtime';
import { NodeFacts } from '../node-facts.js';

/** Kept equal to package.json by a test: reading that file would tie the program to where it was built. */
export const AGENT_VERSION = '1.0.0-alpha.1';

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
