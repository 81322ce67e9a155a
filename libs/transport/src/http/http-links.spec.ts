import type { AgentId } from '@scriptmesh/contracts';
import { BrokenProxy, MovedClock, type BrokenProxyMode } from '@scriptmesh/testing';
import { transportContract, type TransportPair, type Way, type WayFault } from '../transport.contract.js';
import { HttpAgentLink } from './http-agent-link.js';
import { HttpOrchestratorLink } from './http-orchestrator-link.js';
import { FrameDoor } from './test-support/frame-door.js';

const agentId = '019b7600-0000-7000-8000-000000000001' as AgentId;
const key = 'k'.repeat(40);
const MODES: Record<WayFault, BrokenProxyMode> = {
  none: 'pass',
  refused: 'refuse',
  'lost-before': 'resetBefore',
  'lost-after': 'resetAfterRequest',
};

/** Both halves behind real servers, and a breakable proxy in front of each. */
async function httpPair(): Promise<TransportPair> {
  // A clock that stands still: nothing in these tests may depend on a timeout.
  const clock = new MovedClock();
  const orchestratorDoor = await FrameDoor.start();
  const agentDoor = await FrameDoor.start();
  const proxies: Record<Way, BrokenProxy> = {
    'to-agent': await BrokenProxy.start({ targetPort: agentDoor.port }),
    'to-orchestrator': await BrokenProxy.start({ targetPort: orchestratorDoor.port }),
  };
  const agentLink = new HttpAgentLink({ clock });
  const orchestratorLink = new HttpOrchestratorLink({ clock, orchestratorUrl: proxies['to-orchestrator'].url });
  let forgotten = false;
  orchestratorDoor.onPost(async ({ url, headers }, body) => {
    if (forgotten || headers['x-api-key'] !== key) return 401;
    return url === `/api/v1/agents/${agentId}/frames` ? agentLink.receive(agentId, body) : 404;
  });
  agentDoor.onPost(async ({ url, headers }, body) => {
    if (headers['x-api-key'] !== key) return 401;
    return url === '/api/v1/frames' ? orchestratorLink.receive(headers['x-scriptmesh-agent'] as AgentId, body) : 404;
  });
  return {
    agentLink,
    orchestratorLink,
    address: { agentId, url: proxies['to-agent'].url, key },
    identity: { agentId, key },
    breakWay: (way, fault) => proxies[way].become(MODES[fault]),
    forgetAgent: () => {
      forgotten = true;
    },
    letTimePass: () => clock.advance(31_000),
    stop: async () => {
      await Promise.all([agentLink.close(), orchestratorLink.close()]);
      await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
      await Promise.all([agentDoor.stop(), orchestratorDoor.stop()]);
    },
  };
}

transportContract('the http transport', httpPair);
