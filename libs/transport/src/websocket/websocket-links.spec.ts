import type { AgentId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { expect } from 'vitest';
import { transportContract, type TransportPair } from '../transport.contract.js';
import { FaultyWire } from './test-support/faulty-wire.js';
import { SocketServer } from './test-support/socket-server.js';
import { WebSocketAgentLink } from './websocket-agent-link.js';
import { WebSocketOrchestratorLink } from './websocket-orchestrator-link.js';

const agentId = '019b7600-0000-7000-8000-000000000001' as AgentId;
const key = 'k'.repeat(40);

/** Both halves over a real socket, with a wire in between that can be broken one way at a time. */
async function websocketPair(): Promise<TransportPair> {
  // A clock that stands still: nothing in these tests may depend on a timeout.
  const clock = new MovedClock();
  const agentLink = new WebSocketAgentLink({ clock });
  let isForgotten = false;
  const server = await SocketServer.start(
    ({ url, headers }) =>
      !isForgotten && headers['x-api-key'] === key && url === `/api/v1/agents/${agentId}/socket` ? 101 : 401,
    (upgrade) => agentLink.accept(agentId, upgrade),
  );
  const wire = await FaultyWire.start(server.port);
  const ids = { fraction: () => 0.5 };
  const orchestratorLink = new WebSocketOrchestratorLink({ clock, ids, orchestratorUrl: wire.url });
  const address = { agentId, url: null, key };
  const identity = { agentId, key };
  let isPresent = false;
  orchestratorLink.onPresence((present) => (isPresent = present));
  await orchestratorLink.send(identity, []);
  await expect.poll(() => [agentLink.reach(address), isPresent]).toEqual(['here', true]);
  const openNow = (): boolean => agentLink.reach(address) === 'here';
  let isRefused = false;
  return {
    agentLink,
    orchestratorLink,
    address,
    identity,
    breakWay: async (way, fault) => {
      wire.breakWay(way, fault);
      isRefused = way === 'to-orchestrator' && fault === 'refused';
      if (fault === 'refused') await expect.poll(openNow).toBe(false);
    },
    forgetAgent: async () => {
      isForgotten = true;
      agentLink.drop(agentId);
      await expect.poll(() => isPresent).toBe(false);
    },
    letTimePass: () => clock.advance(31_000),
    openAgain: async () => {
      if (isRefused) return;
      await expect
        .poll(async () => {
          await clock.advance(500);
          return openNow();
        })
        .toBe(true);
    },
    stop: async () => {
      await Promise.all([agentLink.close(), orchestratorLink.close()]);
      await wire.stop();
      await server.stop();
    },
  };
}

transportContract('the websocket transport', websocketPair, 'agent');
