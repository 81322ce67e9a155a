import { busy } from './busy.js';
import type { OfferStep } from './offer.js';

/** The slot is taken before anything is waited for, so that offers side by side never take one too many. */
export const takeSlot: OfferStep = async ({ header }, { slots, space, settings, log }) => {
  const { runId, receipt, script } = header;
  if (!slots.take(runId, script)) return busy(runId, receipt, 0);
  const spoolBytes = await space.spoolBytes();
  if (spoolBytes >= settings.spoolMaxBytes) {
    log.warn('offer.spool-full', { runId, spoolBytes, spoolMaxBytes: settings.spoolMaxBytes });
    return busy(runId, receipt, 0);
  }
  const diskFree = await space.diskFree();
  if (diskFree === null || diskFree >= settings.diskReserveBytes) return undefined;
  log.warn('offer.disk-low', { runId, diskFree, diskReserveBytes: settings.diskReserveBytes });
  return busy(runId, receipt, 0);
};
