/** Opens connections for undici, but only to addresses that the policy lets pass. */
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { MeshError } from '@scriptmesh/contracts';
import { buildConnector } from 'undici';
import type { AddressPolicy } from './dialled-address.js';

/** Resolves a name to all its addresses; tests put their own in place of the system's. */
export type ResolveName = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export function guardedConnector(
  policy: AddressPolicy,
  connectTimeoutMs: number,
  resolveName: ResolveName = systemLookup,
): buildConnector.connector {
  // Node dials exactly what the lookup hands it, so a name cannot become another address between check and dial.
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: guardedLookup(policy, resolveName),
  } as buildConnector.BuildOptions);
  return (options, callback) => {
    // An address in the url itself is dialled without a lookup.
    const why = isIP(options.hostname) === 0 ? undefined : policy.refuse(options.hostname);
    if (why === undefined) connect(options, callback);
    else queueMicrotask(() => callback(refusal(options.hostname, why), null));
  };
}

function guardedLookup(policy: AddressPolicy, resolveName: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => policy.refuse(address) === undefined);
      const [first] = allowed;
      if (!first) return callback(refusalOfAll(hostname, addresses, policy), []);
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

function refusalOfAll(
  hostname: string,
  addresses: readonly LookupAddress[],
  policy: AddressPolicy,
): NodeJS.ErrnoException {
  const reasons = addresses.map(({ address }) => `${address}, which ${policy.refuse(address) ?? 'may be dialled'}`);
  return refusal(hostname, `resolves to ${reasons.join('; ') || 'nothing'}`);
}

const refusal = (host: string, why: string): MeshError =>
  new MeshError('agent/url-refused', `${host} ${why}: it is not dialled`, { facts: { host } });
