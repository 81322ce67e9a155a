/** I9: which loss is honest, given the faults that really hit the agent of the run while it lived. */

/** A loss for any other cause is a violation: no node is rebooted here, no spool wiped, and no silence that long. */
const EXCUSES = {
  'supervisor-ended': ['kill-supervisor'],
  'before-start': ['kill-agent', 'kill-supervisor'],
};

/**
 * @typedef {{ kind: string, agent: string | null, beganAt: number, endedAt: number, happened: boolean }} Fault
 * @param {string | null} cause @param {{ agent: string, createdAt: string, finishedAt: string }} run @param {Fault[]} faults
 */
export function isLossAllowed(cause, run, faults) {
  const kinds = /** @type {Record<string, string[]>} */ (EXCUSES)[cause ?? ''] ?? [];
  return faultsOf(run, faults).some(({ kind }) => kinds.includes(kind));
}

/** The faults that hit the run's agent while the run was live. @param {Fault[]} faults */
export function faultsOf(/** @type {{ agent: string, createdAt: string, finishedAt: string }} */ run, faults) {
  const [from, to] = [Date.parse(run.createdAt), Date.parse(run.finishedAt)];
  return faults.filter((f) => f.happened && f.agent === run.agent && f.beganAt <= to && f.endedAt >= from);
}
