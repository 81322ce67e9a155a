import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FromAgentHeader, Of, SignOfLife } from '@scriptmesh/contracts';
import { AgentLinks, type Incoming, type Outgoing } from '../links/index.js';
import type { Agent } from '../registry/index.js';
import { JournalEpochs } from './journal-epochs.js';
import { ManifestIntake } from './manifest-intake.js';
import { NoteLiveness } from './note-liveness.js';

/** Takes in hellos, heartbeats and manifests. */
@Injectable()
export class HeartbeatService implements OnModuleInit {
  constructor(
    private readonly links: AgentLinks,
    private readonly epochs: JournalEpochs,
    private readonly manifests: ManifestIntake,
    private readonly liveness: NoteLiveness,
  ) {}

  onModuleInit(): void {
    this.links.handle(['hello', 'heartbeat', 'manifest'], (agent, messages) => this.#receive(agent, messages));
    this.links.onTurn((agent) => {
      this.liveness.heard(agent);
      return Promise.resolve([]);
    });
  }

  async #receive(agent: Agent, messages: readonly Incoming[]): Promise<readonly Outgoing[]> {
    const replies: Outgoing[] = [];
    for (const message of messages) replies.push(...(await this.#receiveOne(agent, message)));
    return replies;
  }

  async #receiveOne(agent: Agent, { header, bytes }: Incoming): Promise<readonly Outgoing[]> {
    if (header.kind === 'manifest') {
      await this.manifests.keep(agent, { header, bytes });
      return [];
    }
    if (header.kind === 'hello') return [await this.epochs.welcome(agent, header), ...this.#takeSign(agent, header)];
    return header.kind === 'heartbeat' ? this.#takeSign(agent, header) : [];
  }

  #takeSign(
    agent: Agent,
    sign: SignOfLife & (Of<FromAgentHeader, 'hello'> | Of<FromAgentHeader, 'heartbeat'>),
  ): readonly Outgoing[] {
    this.liveness.tellFreeSlots(agent, sign.freeSlots);
    return sign.manifestSha === agent.manifestSha ? [] : [{ kind: 'manifestWanted' }];
  }
}
