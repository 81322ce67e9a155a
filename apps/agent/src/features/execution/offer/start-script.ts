import { failpoint } from '@scriptmesh/failpoints';
import { say } from '../../link/index.js';
import type { StartOrder } from '../starter/script-starter.js';
import type { AgentParts } from './agent-parts.js';
import type { Offer, OfferStep } from './offer.js';

/** Hands the start over, once, and answers without waiting for it: the intent alone makes the acceptance true. */
export const startScript: OfferStep = async (offer, parts) => {
  const { runId, receipt, script } = offer.header;
  const order = toStartOrder(offer, parts);
  failpoint('execution.before-hand-over');
  void parts.starter.start(order).catch((error: unknown) => {
    // Whether the script runs is not known; it is looked into as after a restart, and never started again.
    parts.log.error('run.start-unknown', { runId, error });
    parts.leftRuns.lookInto(runId);
  });
  parts.log.info('run.accepted', { runId, script });
  return say({ kind: 'accepted', runId, receipt, timeoutMs: order.timeoutMs, scriptSha: offer.script?.sha256 ?? '' });
};

function toStartOrder({ header, script, env, timeoutMs, folder }: Offer, { settings }: AgentParts): StartOrder {
  if (!script || !env || timeoutMs === undefined || !folder) throw new Error('a step before the start is missing');
  return {
    runId: header.runId,
    folder,
    argv: script.argv,
    checked: { file: script.file, version: script.version },
    cwd: settings.home,
    env,
    timeoutMs,
    killGraceMs: settings.killGraceSeconds * 1000,
    outputMaxBytes: settings.outputMaxBytes,
  };
}
