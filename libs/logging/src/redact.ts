import { LRUCache } from 'lru-cache';
import { redactPatterns } from './secret-patterns.js';

/** Words in a field's name that tell of a secret; `-`, `_` and a change of case part words. */
const SECRET_WORD =
  /^(key|keys|token|tokens|secret|secrets|passw.*|passphrase|pwd|auth|authorization|cookie|cookies|credential|credentials|apikey|xapikey)$/;
/** Words that make such a name harmless again when they end it: `keyId`, `keyFile`, `tokenCount`. */
const HARMLESS_END = /^(id|ids|file|files|path|paths|name|names|count|fingerprint|ms|seconds|bytes|minute|at)$/;
const SHOWN_INSTEAD = '[redacted]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_CHARACTERS = 16_384;
const MIN_SECRET_LENGTH = 4;

/** Replaces what must not be read: fields whose names tell of secrets, and every registered secret wherever it stands. */
export class Redactor {
  /** The longest first, since one secret may stand inside another. */
  #secrets: readonly string[] = [];
  #shortest = Infinity;

  /**
   * From now on this text is replaced in every line, in its URL-encoded form too. Meant for the few keys that a program
   * holds itself. Texts under 4 characters are ignored: they would hit harmless words.
   */
  registerSecret(secret: string): void {
    if (secret.length < MIN_SECRET_LENGTH) return;
    const forms = new Set([...this.#secrets, secret, encodeURIComponent(secret)]);
    this.#secrets = [...forms].sort((a, b) => b.length - a.length);
    this.#shortest = this.#secrets.at(-1)?.length ?? Infinity;
  }

  redactText(text: string): string {
    let shown = text;
    // Most texts are names, ids and states, which are shorter than any key.
    if (text.length >= this.#shortest) {
      for (const secret of this.#secrets) shown = shown.replaceAll(secret, SHOWN_INSTEAD);
    }
    const cut = shown.length > MAX_CHARACTERS ? `${shown.slice(0, MAX_CHARACTERS)}[cut]` : shown;
    return redactPatterns(cut, SHOWN_INSTEAD);
  }

  /** A copy of the value that may be logged: bounded in depth and size, errors as {name, message, code, stack, cause}. */
  redact(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.redactText(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
    if (typeof value !== 'object' || value === null) return value;
    return depth >= MAX_DEPTH ? '[too deep]' : this.#redactObject(value, depth + 1);
  }

  #redactObject(value: object, depth: number): unknown {
    if (value instanceof Error) return this.#redactError(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString();
    if (value instanceof URL) return this.redactText(value.href);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof Map) return this.#redactFields([...value].slice(0, MAX_ITEMS), depth);
    if (Array.isArray(value) || value instanceof Set) {
      return [...value].slice(0, MAX_ITEMS).map((item) => this.redact(item, depth));
    }
    return this.#redactFields(Object.entries(value).slice(0, MAX_ITEMS), depth);
  }

  #redactFields(entries: readonly (readonly [unknown, unknown])[], depth: number): Record<string, unknown> {
    const shown = entries.map(([name, inner]) => {
      const hidden = isSecretName(String(name)) && !isFlag(inner);
      return [this.redactText(String(name)), hidden ? SHOWN_INSTEAD : this.redact(inner, depth)] as const;
    });
    return Object.fromEntries(shown);
  }

  #redactError(error: Error, depth: number): Record<string, unknown> {
    const { code } = error as { code?: unknown };
    return {
      name: error.name,
      message: this.redactText(error.message),
      ...(typeof code === 'string' ? { code: this.redactText(code) } : {}),
      ...(error.stack === undefined ? {} : { stack: this.redactText(error.stack) }),
      ...(error.cause === undefined ? {} : { cause: this.redact(error.cause, depth) }),
      ...(error instanceof AggregateError ? { errors: this.redact(error.errors, depth) } : {}),
    };
  }
}

/** Names of fields are few and come with every line. */
const judged = new LRUCache<string, boolean>({ max: 1000 });

/** Whether a field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const isSecret = tellsOfSecret(name);
  judged.set(name, isSecret);
  return isSecret;
}

function tellsOfSecret(name: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return words.some((word) => SECRET_WORD.test(word)) && !HARMLESS_END.test(words.at(-1) ?? '');
}

/** There or not there, on or off: tells nothing of the secret itself. */
const isFlag = (value: unknown): boolean => value === null || value === undefined || typeof value === 'boolean';
