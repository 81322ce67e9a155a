import { EXIT_CONFIG, type OrchestratorSettings } from '@scriptmesh/config';
import { isHealthy, ok, toText } from '@scriptmesh/doctor';
import { lookAtStore } from './look-at-store.js';

/** Says what a start would find, and changes nothing: an orchestrator may be running. @returns the exit code: 0, or 78 when something has to be mended */
export async function checkStart(settings: OrchestratorSettings): Promise<number> {
  const says = `home ${settings.home}; would listen on ${settings.host}, port ${settings.port}`;
  const findings = [ok('settings', says), ...(await lookAtStore(settings))];
  process.stdout.write(toText(findings));
  return isHealthy(findings) ? 0 : EXIT_CONFIG;
}
