/** The machine on which services are installed. Everything that it changes needs root. */
export abstract class Machine {
  abstract readonly isRoot: boolean;
  abstract readonly hasSystemd: boolean;
  /** The Node that runs this program. */
  abstract readonly node: string;
  /** Where this installation lies: the folder of package.json. */
  abstract readonly packageRoot: string;
  /** undefined when there is no such file. */
  abstract read(path: string): Buffer | undefined;
  abstract write(path: string, content: Buffer, mode: number): void;
  /** With all that is in it; nothing happens when it is not there. */
  abstract remove(path: string): void;
  abstract hasUser(name: string): boolean;
  /** @throws MeshError with what the program said */
  abstract run(program: string, args: readonly string[]): void;
}
