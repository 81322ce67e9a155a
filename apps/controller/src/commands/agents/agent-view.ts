import type { AgentResource, Liveness } from '@scriptmesh/contracts';
import type { Paint, View } from '../../output/view.js';

const paintLiveness = (shown: string, liveness: Liveness, colors: Paint): string =>
  ({ online: colors.green, suspect: colors.yellow, offline: colors.red, unknown: colors.dim })[liveness]?.(shown) ??
  shown;

export const AGENT_VIEW: View<AgentResource> = {
  nameOf: (agent) => agent.name,
  columns: [
    { head: 'name', text: (agent) => agent.name },
    {
      head: 'state',
      text: (agent) => agent.liveness,
      paint: (shown, agent, colors) => paintLiveness(shown, agent.liveness, colors),
    },
    { head: 'last seen', text: (agent) => agent.lastSeenAt ?? 'never' },
    { head: 'slots', text: (agent) => String(agent.freeSlots ?? '') },
    { head: 'labels', text: (agent) => labelText(agent.labels) },
    { head: 'url', text: (agent) => agent.url ?? '' },
  ],
};

const labelText = (labels: AgentResource['labels']): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
