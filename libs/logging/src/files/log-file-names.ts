/** A file of past lines. A day has several when its lines were too many for one. */
export interface DatedName {
  readonly day: string;
  /** 1, 2, ... for parts cut off during the day; infinite for the last one, whose name has no number. */
  readonly part: number;
  readonly kind: 'lines' | 'compressed' | 'temporary';
}

/** The names of one program's log files, as in 0.2; parts of a day have a number behind the day. */
export class LogFileNames {
  readonly current: string;
  readonly #stem: string;
  readonly #dated: RegExp;

  /** @param program as in `orchestrator` */
  constructor(program: string) {
    this.#stem = `ScriptMesh-${program}`;
    this.current = `${this.#stem}.log`;
    this.#dated = new RegExp(`^${this.#stem}-(\\d{4}-\\d\\d-\\d\\d)(?:\\.(\\d{1,9}))?\\.log(\\.gz(?:\\.tmp)?)?$`);
  }

  /** The name of the last lines of a day, or of a part of it. */
  dated(day: string, part?: number): string {
    return `${this.#stem}-${day}${part === undefined ? '' : `.${part}`}.log`;
  }

  /** What a name says; undefined when it is not one of this program's dated files. */
  parse(name: string): DatedName | undefined {
    const [, day, part, ending] = this.#dated.exec(name) ?? [];
    if (day === undefined) return undefined;
    const kind = ending === undefined ? 'lines' : ending === '.gz' ? 'compressed' : 'temporary';
    return { day, part: part === undefined ? Number.POSITIVE_INFINITY : Number(part), kind };
  }
}
