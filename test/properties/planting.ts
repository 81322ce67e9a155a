import type { World } from './world.js';

/** A mistake that somebody might make in the real code, planted into it while a history is played. */
export interface PlantedBug {
  readonly name: string;
  readonly what: string;
  /** The history of `planted-bugs.spec.ts` that showed it first; it is played first. */
  readonly shownBy: number;
  readonly plant: (planting: Planting, world: World) => void;
}

type Method = (...args: never[]) => unknown;
type MethodsOf<T> = { [K in keyof T]: T[K] extends Method ? K : never }[keyof T];

/** Puts other methods in the place of real ones, and takes them away again. */
export class Planting {
  readonly #undo: (() => void)[] = [];

  /** @param make gets the real method; `this` is the real object */
  around<T extends object, K extends MethodsOf<T>>(
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
    const real = Object.getOwnPropertyDescriptor(prototype, name);
    if (!real?.get) throw new Error(`${String(name)} is no getter`);
    const { get } = real;
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: T) {
        return make(() => get.call(this) as T[K]);
      },
    });
    this.#undo.unshift(() => Object.defineProperty(prototype, name, real));
  }

  undoAll(): void {
    for (const undo of this.#undo) undo();
    this.#undo.length = 0;
  }
}
