/**
 * Decides which addresses the orchestrator may dial for an agent. A registered url is checked once by its text
 * (`checkAgentUrl`); the address that is really dialled is checked each time (`guarded-connector.ts`), because a name
 * may resolve to something else later.
 */
import { BlockList, isIP } from 'node:net';
import { MeshError } from '@scriptmesh/contracts';
import { formsOfIp } from './ip-forms.js';

/** Where clouds hand out credentials to whoever asks, and addresses that are no single node. Never dialled. */
const NEVER_DIALLED = [
  '169.254.0.0/16', // link-local: metadata of most clouds, also of containers (169.254.170.2)
  'fe80::/10',
  'fd00:ec2::254', // AWS over IPv6
  'fd20:ce::254', // Google over IPv6
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  '168.63.129.16', // Azure's host
  '0.0.0.0/8', // "this host": every agent that binds to all interfaces would have the same address
  '::',
  '224.0.0.0/4', // multicast and broadcast
  '255.255.255.255',
  'ff00::/8',
];

export class AddressPolicy {
  readonly #never = toBlockList(NEVER_DIALLED);
  readonly #allowed: BlockList | undefined;

  /**
   * @param ranges CIDR ranges or single addresses that agents may live in; empty = anywhere but metadata addresses
   * @throws MeshError settings/invalid naming a range that is none
   */
  constructor(ranges: readonly string[] = []) {
    this.#allowed = ranges.length === 0 ? undefined : toBlockList(ranges);
  }

  /** Why this IP address must not be dialled, as in "is a metadata address"; undefined when it may be. */
  refuse(address: string): string | undefined {
    const forms = formsOfIp(address);
    if (forms.length === 0) return 'is not an IP address';
    if (forms.some((form) => this.#never.check(form.address, form.family))) {
      return 'is a metadata, link-local, multicast or unspecified address';
    }
    // Of an address that carries another one inside, the outer one is what is dialled: it has to be in the ranges.
    const [dialled] = forms;
    if (this.#allowed && dialled && !this.#allowed.check(dialled.address, dialled.family)) {
      return 'is outside the allowed ranges';
    }
    return undefined;
  }
}

const MAX_URL_LENGTH = 2048;

/** What the text of a url must not be; the parser would mend some of it in silence (it drops CR, LF and tabs). */
const TEXT_FAULTS: readonly (readonly [RegExp, string])[] = [
  // Everything outside printable ASCII, and the backslash, which URL parsers read as a slash.
  [/[^\x21-\x7e]|\\/, 'holds blanks, control characters, backslashes or characters beyond ASCII'],
  [/^(?!https?:\/\/)/i, 'does not start with http:// or https://'],
  [/@/, 'holds a user name or password'],
  [/[?#]/, 'holds a query or a fragment'],
];

/**
 * Checks the url that an agent registers with and gives it back in its normal form, without a trailing slash.
 * A name is not resolved here: the address is checked when it is dialled.
 * @throws MeshError agent/url-refused
 */
export function checkAgentUrl(url: string, policy: AddressPolicy): string {
  if (url.length > MAX_URL_LENGTH) throw refused(`is ${url.length} characters long, more than ${MAX_URL_LENGTH}`);
  for (const [fault, why] of TEXT_FAULTS) if (fault.test(url)) throw refused(why);
  if (!URL.canParse(url)) throw refused('cannot be read as a url');
  const { hostname, origin, pathname, port } = new URL(url);
  if (port === '0') throw refused('names port 0');
  const host = hostname.replace(/^\[|\]$/g, '');
  const why = isIP(host) === 0 ? undefined : policy.refuse(host);
  if (why !== undefined) throw refused(`points to ${host}, which ${why}`);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

const refused = (why: string): MeshError => new MeshError('agent/url-refused', `the agent's url ${why}`);

function toBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return list;
}

function addRange(list: BlockList, range: string): void {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range.trim()) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || length > bits) {
    throw new MeshError('settings/invalid', `"${range}" is not an address range`, {
      hint: 'Write ranges as 10.0.0.0/8 or fd12:3456::/32, separated by commas.',
    });
  }
  list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
}
