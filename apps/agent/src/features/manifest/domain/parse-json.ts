/** Deeper nesting than any manifest needs; bounded so that hostile text can neither exhaust the stack nor the time. */
const MAX_DEPTH = 32;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const BLANK = /[ \t\r\n]*/y;

/** A fault of JSON's syntax; `line` and `column` count from 1, as editors do. */
export class JsonFault extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
  }
}

/**
 * JSON.parse with what a person who mends a file needs: the place of the fault on every version of Node, and
 * keys that stand twice are faults instead of a silent "the last one wins". Objects have no prototype, so that
 * `__proto__` is a key like any other.
 * @throws JsonFault
 */
export function parseJson(text: string): unknown {
  return new Parser(text).parse();
}

class Parser {
  #at = 0;

  constructor(private readonly text: string) {}

  parse(): unknown {
    const value = this.#value(1);
    this.#skipBlank();
    if (this.#at < this.text.length) this.#fail('text after the end of the JSON value');
    return value;
  }

  #value(depth: number): unknown {
    this.#skipBlank();
    if (depth > MAX_DEPTH) this.#fail(`nested more than ${MAX_DEPTH} levels deep`);
    const first = this.text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    return this.#plain();
  }

  #object(depth: number): object {
    const object = Object.create(null) as Record<string, unknown>;
    this.#at += 1;
    if (this.#takeIf('}')) return object;
    do {
      this.#skipBlank();
      const start = this.#at;
      if (this.text[start] !== '"') this.#fail('expected a field name in double quotes');
      const key = this.#string();
      if (Object.hasOwn(object, key))
        this.#fail(`the field ${JSON.stringify(key.slice(0, 80))} stands here a second time`, start);
      this.#take(':');
      object[key] = this.#value(depth + 1);
    } while (this.#takeIf(','));
    this.#take('}');
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at += 1;
    if (this.#takeIf(']')) return array;
    do array.push(this.#value(depth + 1));
    while (this.#takeIf(','));
    this.#take(']');
    return array;
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    // A loop, since a regular expression over a megabyte of alternatives runs out of stack.
    for (let code = this.text.charCodeAt(at); code !== 0x22; code = this.text.charCodeAt(at)) {
      if (Number.isNaN(code)) this.#fail('a text that begins here never ends', start);
      if (code < 0x20) this.#fail('a line break or control character inside a text; write it as \\n or \\u....', at);
      at += code === 0x5c ? 2 : 1;
    }
    this.#at = at + 1;
    try {
      return JSON.parse(this.text.slice(start, this.#at)) as string;
    } catch {
      return this.#fail('an unknown escape after a backslash in this text; a backslash itself is written \\\\', start);
    }
  }

  #plain(): unknown {
    PLAIN.lastIndex = this.#at;
    const match = PLAIN.exec(this.text)?.[0];
    if (match === undefined) return this.#fail(`expected a value, found ${this.#found()}`);
    this.#at += match.length;
    return JSON.parse(match) as unknown;
  }

  #take(sign: string): void {
    if (!this.#takeIf(sign)) this.#fail(`expected "${sign}"${sign === ':' ? '' : ' or ","'}, found ${this.#found()}`);
  }

  #takeIf(sign: string): boolean {
    this.#skipBlank();
    if (this.text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #skipBlank(): void {
    BLANK.lastIndex = this.#at;
    BLANK.exec(this.text);
    this.#at = BLANK.lastIndex;
  }

  #found(): string {
    const sign = this.text.codePointAt(this.#at);
    return sign === undefined ? 'the end of the file' : JSON.stringify(String.fromCodePoint(sign));
  }

  #fail(message: string, at = this.#at): never {
    const before = this.text.slice(0, at);
    throw new JsonFault(message, before.split('\n').length, at - before.lastIndexOf('\n'));
  }
}
