import { isDeepStrictEqual } from 'node:util';
import type { History } from './history.js';
import type { World } from './world.js';

/** A mistake that somebody might make in the real code, planted into it while a history is played. */
export interface PlantedBug {
  readonly name: string;
  readonly what: string;
  /** The invariants that it breaks. Empty: another rule makes up for it. */
  readonly caughtBy: readonly `I${number}`[];
  /** The history that is played first: one that was written for it, or the number of that of `planted-bugs.spec.ts`. */
  readonly shownBy: History | number;
  readonly plant: (planting: Planting, world: World) => void;
}

type Method = (...args: never[]) => unknown;
type MethodsOf<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];

/** Puts other methods in the place of real ones, and takes them away again. */
export class Planting {
  /** The programs did something that they would not have done without the bug. */
  isReached = false;
  readonly #undo: (() => void)[] = [];

  /** For what cannot be seen in arguments and answers: a deed besides. */
  readonly reach = (): void => void (this.isReached = true);

  /** @param make gets the real method; `this` is the real object */
  around<T extends object, K extends MethodsOf<T>>(
    type: { readonly prototype: T },
    name: K,
    make: (real: T[K], self: () => T) => T[K],
  ): void {
    const { watched } = this;
    this.aroundSilently(type, name, (real, self) => watched(real, (noted) => make(noted, self)));
  }

  /** Reached is only what says so itself. */
  aroundSilently<T extends object, K extends MethodsOf<T>>(
    type: { readonly prototype: T },
    name: K,
    make: (real: T[K], self: () => T) => T[K],
  ): void {
    const { prototype } = type;
    const real = prototype[name] as Method;
    const planted = function (this: T, ...args: never[]): unknown {
      const bound = ((...more: never[]) => real.apply(this, more)) as T[K];
      return (make(bound, () => this) as Method).apply(this, args);
    };
    prototype[name] = planted as T[K];
    this.#undo.unshift(() => (prototype[name] = real as T[K]));
  }

  getter<T extends object, K extends keyof T>(
    type: { readonly prototype: T },
    name: K,
    make: (real: () => T[K]) => T[K],
  ): void {
    const { prototype } = type;
    const { reach } = this;
    const real = Object.getOwnPropertyDescriptor(prototype, name);
    if (!real?.get) throw new Error(`${String(name)} is no getter`);
    const { get } = real;
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: T) {
        const value = make(() => get.call(this) as T[K]);
        if (value !== get.call(this)) reach();
        return value;
      },
    });
    this.#undo.unshift(() => Object.defineProperty(prototype, name, real));
  }

  /** Notes it when the real function is not asked, is asked for something else, or another answer is given than its. */
  readonly watched = <F>(real: F, make: (real: F) => F): F =>
    ((...args: never[]): unknown => {
      const answers: unknown[] = [];
      const noted = (...more: never[]): unknown => {
        if (!isDeepStrictEqual(more, args)) this.reach();
        const answer = (real as Method)(...more);
        answers.push(answer);
        return answer;
      };
      const given = (make(noted as F) as Method)(...args);
      if (given instanceof Promise) void this.#compareLater(given, answers).catch(() => undefined);
      else if (answers.length !== 1 || !isDeepStrictEqual(given, answers[0])) this.reach();
      return given;
    }) as F;

  undoAll(): void {
    for (const undo of this.#undo) undo();
    this.#undo.length = 0;
  }

  async #compareLater(given: Promise<unknown>, answers: readonly unknown[]): Promise<void> {
    const told = await given;
    if (answers.length !== 1 || !isDeepStrictEqual(told, await answers[0])) this.reach();
  }
}
