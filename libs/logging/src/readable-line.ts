/** What a line is made of; fields are redacted already. */
export interface LineParts {
  readonly timestamp: string;
  readonly level: string;
  readonly program: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Control characters, and what changes the direction of writing: a terminal would obey them. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** One line for people; the stack of an error follows below it, indented. */
export function toReadableLine({ timestamp, level, program, event, fields }: LineParts): string {
  const words = Object.entries(fields).map(([name, value]) => `${escapeUnsafe(name)}=${toWord(value)}`);
  const head = [`${timestamp} | ${level.toUpperCase()} | ${program} |`, escapeUnsafe(event), ...words].join(' ');
  return [head, ...Object.values(fields).flatMap(stackLines)].join('\n');
}

function toWord(value: unknown): string {
  if (isErrorLike(value)) return quote(`${value.name}: ${value.message}`);
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? escapeUnsafe(value) : quote(value);
  return escapeUnsafe(JSON.stringify(value) ?? String(value));
}

function stackLines(value: unknown): readonly string[] {
  if (!isErrorLike(value)) return [];
  const frames = (value.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause = isErrorLike(value.cause)
    ? [`    caused by ${value.cause.name}: ${value.cause.message}`, ...stackLines(value.cause)]
    : [];
  return [...frames, ...cause].map(escapeUnsafe);
}

interface ErrorLike {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

const isErrorLike = (value: unknown): value is ErrorLike =>
  typeof value === 'object' && value !== null && 'name' in value && 'message' in value && 'stack' in value;
const quote = (text: string): string => escapeUnsafe(JSON.stringify(text));
const escapeUnsafe = (text: string): string =>
  text.replaceAll(UNSAFE, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
