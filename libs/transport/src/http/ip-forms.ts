/** The forms in which one IP address can be written or wrapped; pure text work, nothing is resolved or dialled. */
import { isIP } from 'node:net';

export interface IpForm {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * The address itself and every IPv4 address that it carries inside (mapped, compatible, translated, NAT64, 6to4);
 * an IPv4-mapped one is its IPv4 address and nothing else. Empty when the text is no IP address.
 */
export function formsOfIp(text: string): IpForm[] {
  const address = text.replace(/%.*$/, '');
  const version = isIP(address);
  if (version === 4) return [{ address, family: 'ipv4' }];
  if (version !== 6) return [];
  const groups = groupsOfIpv6(address);
  if (startsWith(groups, [0, 0, 0, 0, 0, 0xffff])) return [ipv4At(groups, 6)];
  return [{ address, family: 'ipv6' }, ...carriedIpv4(groups)];
}

function carriedIpv4(groups: readonly number[]): IpForm[] {
  const compatible = startsWith(groups, [0, 0, 0, 0, 0, 0]) && groups[6] !== 0;
  const translated = startsWith(groups, [0, 0, 0, 0, 0xffff, 0]);
  const nat64 = startsWith(groups, [0x64, 0xff9b]);
  if (compatible || translated || nat64) return [ipv4At(groups, 6)];
  return groups[0] === 0x2002 ? [ipv4At(groups, 1)] : [];
}

const startsWith = (groups: readonly number[], prefix: readonly number[]): boolean =>
  prefix.every((group, index) => groups[index] === group);

function ipv4At(groups: readonly number[], index: number): IpForm {
  const [high = 0, low = 0] = groups.slice(index, index + 2);
  return { address: [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'), family: 'ipv4' };
}

/** The URL parser writes every IPv6 address as hexadecimal groups with at most one `::`. */
function groupsOfIpv6(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const before = parseGroups(head);
  const after = parseGroups(tail ?? '');
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const parseGroups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
