const LONGEST_CHARACTER_BYTES = 4;

export interface Piece {
  /** Bytes of the piece that are sent. */
  readonly length: number;
  readonly data: { readonly text: string } | { readonly base64: string };
  /** There is nothing but the beginning of a character. */
  readonly isSplit: boolean;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text where the bytes are UTF-8, base64 otherwise. A character that is split at the end waits for its rest. */
export function encodePiece(bytes: Uint8Array): Piece {
  const whole = bytes.byteLength - splitCharacterBytes(bytes);
  const isSplit = whole === 0;
  const length = isSplit ? bytes.byteLength : whole;
  const sent = bytes.subarray(0, length);
  try {
    return { length, isSplit, data: { text: decoder.decode(sent) } };
  } catch {
    return { length, isSplit, data: { base64: Buffer.from(sent).toString('base64') } };
  }
}

/** Bytes at the end that begin a character without completing it. */
function splitCharacterBytes(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST_CHARACTER_BYTES && back <= bytes.byteLength; back += 1) {
    const byte = bytes[bytes.byteLength - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return characterBytes(byte) > back ? back : 0;
  }
  return 0;
}

function characterBytes(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
