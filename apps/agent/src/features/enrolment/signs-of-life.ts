import type { FromAgent, SignOfLife } from '@scriptmesh/contracts';
import { Slots } from '../execution/index.js';
import { Journal, SpoolSpace } from '../journal/index.js';
import { ManifestReader } from '../manifest/index.js';
import { NodeFacts } from './node-facts.js';

const MAX_INVENTORY = 1000;

/** Makes hello, heartbeat and the manifest's news out of what the agent is just now. */
export class SignsOfLife {
  constructor(
    private readonly journal: Journal,
    private readonly space: SpoolSpace,
    private readonly manifest: ManifestReader,
    private readonly slots: Slots,
    private readonly node: NodeFacts,
  ) {}

  async hello(said: { startId: string; turn: number; epoch: number }): Promise<FromAgent> {
    return { kind: 'hello', ...said, ...(await this.#signs()) };
  }

  async heartbeat(): Promise<FromAgent> {
    return { kind: 'heartbeat', ...(await this.#signs()) };
  }

  async manifestNews(): Promise<{ readonly message: FromAgent; readonly bytes: Uint8Array }> {
    const { sha256, report } = await this.manifest.report();
    return { message: { kind: 'manifest', manifestSha: sha256 }, bytes: Buffer.from(JSON.stringify(report), 'utf8') };
  }

  async #signs(): Promise<SignOfLife> {
    const [spoolBytes, diskFree] = await Promise.all([this.space.spoolBytes(), this.space.diskFree()]);
    return {
      bootId: this.node.bootId(),
      manifestSha: this.manifest.sha256,
      freeSlots: this.slots.free,
      spoolBytes,
      diskFree,
      inventory: this.journal
        .open()
        .filter(({ origin }) => origin !== 'local')
        .slice(0, MAX_INVENTORY)
        .map(({ runId }) => runId),
    };
  }
}
