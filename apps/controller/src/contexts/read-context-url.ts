import { checkHttpUrl } from '@scriptmesh/config';
import { UsageFault } from '../cli/usage-fault.js';

/** The address of a context, without a trailing slash. @throws UsageFault */
export function readContextUrl(given: string | undefined): string {
  if (given === undefined) throw new UsageFault('the address is missing', 'Give it with --url http://HOST:PORT.');
  const checked = checkHttpUrl(given);
  if ('problem' in checked) throw new UsageFault(`--url: ${checked.problem}`, `${checked.remedy}.`);
  return checked.value;
}
