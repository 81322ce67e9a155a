/** An answer of the 0.2 wire: the bytes are what 0.2 would have sent. */
export interface LegacyReply {
  readonly status: number;
  /** Compact JSON, non-ASCII as it is. */
  readonly json: string;
}

export const legacyReply = (status: number, value: unknown): LegacyReply => ({ status, json: JSON.stringify(value) });

export const legacyDetail = (status: number, text: string): LegacyReply => legacyReply(status, { detail: text });

/** An object whose keys keep their order even when they look like numbers, which a plain object would put first. */
export function legacyEntries(entries: readonly (readonly [string, unknown])[]): LegacyReply {
  const members = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return { status: 200, json: `{${members.join(',')}}` };
}
