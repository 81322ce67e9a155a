export type ProgramName = 'orchestrator' | 'agent';

/** Starts the other programs of this installation. */
export abstract class Programs {
  /** Runs the program with our terminal and environment until it ends; its exit code, or 128 + N after signal N. */
  abstract run(program: ProgramName, args: readonly string[]): Promise<number>;
}

/** What the build makes of each program, below the package's root. */
export const BUILT_PROGRAMS: Readonly<Record<ProgramName, string>> = {
  orchestrator: 'dist/orchestrator/bundle/orchestrator.mjs',
  agent: 'dist/agent.mjs',
};
