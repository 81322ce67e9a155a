import { isIP } from 'node:net';

/** What a parser makes of a text: a value, or what is wrong with it in words. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string; readonly remedy: string };

/** Reads one kind of value. Strict: nothing is guessed, trimmed or coerced. */
export interface Parser<T> {
  /** What it takes, for the documents: "a whole number from 0 to 65535". */
  readonly accepts: string;
  parse(text: string): Parsed<T>;
}

const LONGEST_SHOWN = 60;
const MAX_URL_CHARACTERS = 2048;
const LABEL_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const LABEL_VALUE = /^[A-Za-z0-9_.:/@-]{0,128}$/;

/** Any text, an empty one too: keys are judged where it is known how they will be used. */
export const keyText: Parser<string> = { accepts: 'a key', parse: (given) => ({ value: given }) };

export const text: Parser<string> = {
  accepts: 'text',
  parse: (given) => {
    if (given.trim() === '') return { problem: 'it is empty', remedy: 'Give a value, or leave the setting out' };
    if (/\p{Cc}/u.test(given)) return { problem: 'it holds control characters', remedy: 'Take them away' };
    return { value: given };
  },
};

/** @param least the smallest number allowed; @param most the largest */
export const wholeNumber = (least: number, most: number): Parser<number> => ({
  accepts: `a whole number from ${least} to ${most}`,
  parse: (given) => {
    const value = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return { value };
    return { problem: `${shown(given)} is not such a number`, remedy: `Give a whole number from ${least} to ${most}` };
  },
});

export const oneOf = <T extends string>(...allowed: readonly T[]): Parser<T> => ({
  accepts: allowed.map((word) => `\`${word}\``).join(' or '),
  parse: (given) => {
    const value = allowed.find((word) => word === given);
    if (value !== undefined) return { value };
    return { problem: `${shown(given)} is not known`, remedy: `Give ${allowed.join(' or ')}` };
  },
});

/** Items separated by commas, each parsed by itself; an empty text is an empty list. */
export const listOf = <T>(item: Parser<T>): Parser<readonly T[]> => ({
  accepts: `a list with commas: ${item.accepts}`,
  parse: (given) => {
    const values: T[] = [];
    for (const word of splitList(given)) {
      const parsed = item.parse(word);
      if ('problem' in parsed) return parsed;
      if (!values.includes(parsed.value)) values.push(parsed.value);
    }
    return { value: values };
  },
});

/** @param list refuses what it refuses, and an empty list */
export const atLeastOne = <T>(list: Parser<readonly T[]>): Parser<readonly T[]> => ({
  accepts: list.accepts,
  parse: (given) => {
    const parsed = list.parse(given);
    if ('problem' in parsed || parsed.value.length > 0) return parsed;
    return { problem: 'it is empty', remedy: 'Give at least one, or leave the setting out' };
  },
});

/** An http(s) address without user, query or fragment; trailing slashes are taken away. */
export const httpUrl: Parser<string> = {
  accepts: 'an http or https address',
  parse: (given) => {
    const url = URL.canParse(given) && isPlainText(given) ? new URL(given) : null;
    const isBare = url && !url.username && !url.password && !/[?#]/.test(given);
    if (isBare && /^https?:$/.test(url.protocol) && given.length <= MAX_URL_CHARACTERS) {
      return { value: given.replace(/\/+$/, '') };
    }
    return {
      problem: `${shown(given.replace(/\/\/[^/]*@/, '//...@'))} is not a plain http or https address`,
      remedy: 'Write it as http://host:port or https://host, without user, query or fragment',
    };
  },
};

/** The same check for an address that is not a setting. */
export const checkHttpUrl = (given: string): Parsed<string> => httpUrl.parse(given);

/** A PostgreSQL address; it may hold a password and so is never shown. */
export const databaseUrl: Parser<string> = {
  accepts: 'a `postgres://` address',
  parse: (given) => {
    const url = URL.canParse(given) && isPlainText(given) ? new URL(given) : null;
    if (url && /^postgres(ql)?:$/.test(url.protocol)) return { value: given };
    return {
      problem: 'it is not a postgres:// address',
      remedy: 'Write it as postgres://user:password@host/database, or leave it out for SQLite',
    };
  },
};

/** An IP address, or a range as in 10.0.0.0/8. */
export const ipRange: Parser<string> = {
  accepts: 'an address or a range as in `10.0.0.0/8`',
  parse: (given) => {
    const [address = '', bits, ...more] = given.split('/');
    const family = isIP(address);
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
    if (family !== 0 && fits && more.length === 0) return { value: given };
    return { problem: `${shown(given)} is neither an address nor a range`, remedy: 'Write ranges as 10.0.0.0/8' };
  },
};

/** `name=value` pairs separated by commas. */
export const labels: Parser<Readonly<Record<string, string>>> = {
  accepts: 'pairs as in `site=north,role=db`',
  parse: (given) => {
    const found = new Map<string, string>();
    for (const pair of splitList(given)) {
      const [name = '', value, ...more] = pair.split('=');
      const isPair = LABEL_NAME.test(name) && value !== undefined && LABEL_VALUE.test(value) && more.length === 0;
      if (!isPair || found.has(name)) {
        return {
          problem: `${shown(pair)} is ${isPair ? 'there twice' : 'not name=value'}`,
          remedy: 'Write labels as site=north,role=db',
        };
      }
      found.set(name, value);
    }
    return { value: Object.fromEntries(found) };
  },
};

/** A wrong value in a message: quoted, escaped, cut. */
export function shown(given: string): string {
  const cut = given.length > LONGEST_SHOWN ? `${given.slice(0, LONGEST_SHOWN)}...` : given;
  return JSON.stringify(cut).replaceAll(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?');
}

const isPlainText = (given: string): boolean => /^[\x21-\x7e]+$/.test(given);
const splitList = (given: string): readonly string[] =>
  given.trim() === '' ? [] : given.split(',').map((word) => word.trim());
