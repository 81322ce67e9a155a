/** All kinds of faults. Each has to happen in every fault run; when adding one, add it to `faults.mjs` too. */
export const KINDS = [
  'kill-orchestrator',
  'kill-agent',
  'kill-supervisor',
  'stop-orchestrator',
  'stop-agent',
  'stop-supervisor',
  'cut-connections',
  'half-open',
  'disk-full',
  'clock-skew',
];
