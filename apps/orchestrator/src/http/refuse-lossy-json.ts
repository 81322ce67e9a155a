import { MeshError } from '@scriptmesh/contracts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const INTEGER = /^-?\d+$/;
const NUMBER = /-?\d[\d.eE+-]*/y;
/** Where something begins that counts here; all other signs are passed over. */
const NEXT = /["{}[\],\d-]/g;

/** An object or a list that is open at this place of the text. */
interface Level {
  /** Names so far; null in a list. */
  readonly names: Set<string> | null;
  /** Of the field or element that is being read. */
  at: string | number;
}

/**
 * Refuses what JSON.parse would change in silence: a field that stands twice, of which it keeps the last, and a number
 * that JavaScript cannot hold. Reads once from left to right; what is no JSON at all is left to the parser.
 * @throws MeshError request/malformed with the field
 */
export const refuseLossyJson = (text: string): void => new Scan(text).run();

class Scan {
  readonly #levels: Level[] = [];
  #isName = false;
  #at = 0;

  constructor(private readonly text: string) {}

  run(): void {
    for (let next = this.#next(0); next !== undefined; next = this.#next(this.#at)) {
      this.#at = next + 1;
      this.#take(this.text[next] as string, next);
    }
  }

  #next(from: number): number | undefined {
    NEXT.lastIndex = from;
    return NEXT.exec(this.text)?.index;
  }

  #take(sign: string, at: number): void {
    if (sign === '"') this.#takeText(at);
    else if (sign === '{' || sign === '[') this.#open(sign === '{');
    else if (sign === '}' || sign === ']') this.#levels.pop();
    else if (sign === ',') this.#comma();
    else this.#takeNumber(at);
  }

  #open(isObject: boolean): void {
    this.#levels.push({ names: isObject ? new Set() : null, at: 0 });
    this.#isName = isObject;
  }

  #comma(): void {
    const level = this.#levels.at(-1);
    this.#isName = level?.names instanceof Set;
    if (typeof level?.at === 'number') level.at += 1;
  }

  #takeText(from: number): void {
    this.#at = findEnd(this.text, from);
    const level = this.#levels.at(-1);
    if (!this.#isName || !level?.names) return;
    this.#isName = false;
    const name = unescape(this.text.slice(from, this.#at));
    level.at = name;
    if (level.names.has(name)) throw this.#refuse('stands twice in one object');
    level.names.add(name);
  }

  #takeNumber(from: number): void {
    NUMBER.lastIndex = from;
    const number = NUMBER.exec(this.text)?.[0];
    if (number === undefined) return;
    this.#at = from + number.length;
    const value = Number(number);
    const isKept = Number.isFinite(value) && (!INTEGER.test(number) || Number.isSafeInteger(value));
    if (!isKept && !Number.isNaN(value)) throw this.#refuse('is a number that cannot be kept: send it as a text');
  }

  #refuse(why: string): MeshError {
    const path = this.#levels
      .map(({ at }) => at)
      .join('.')
      .slice(0, 200);
    const faults = [{ path, message: why }];
    return new MeshError('request/malformed', `the field "${path}" of the body ${why}`, { faults });
  }
}

/** @returns the place after the closing quote, or the end of the text */
function findEnd(text: string, from: number): number {
  // A loop, since a regular expression over a megabyte of alternatives runs out of stack.
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

function unescape(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}
