import type { Agent } from '../registry/index.js';

/** What became of one call. `not-sent` is proof that nothing arrived; `unknown` means that bytes had left. */
export type LegacyAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'not-sent'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** A call that may take as long as a script does. */
export interface StartedCall {
  /** Whether the request left; false is proof that it did not. */
  readonly left: Promise<boolean>;
  /** Never rejects. */
  readonly answer: Promise<LegacyAnswer>;
  /** Ends the connection; a script that runs goes on running. */
  abort(why: string): void;
}

/** The three calls that an agent of ScriptMesh 0.2 understands. None of them ever throws. */
export abstract class LegacyAgentCalls {
  abstract heartbeat(agent: Agent): Promise<LegacyAnswer>;
  abstract getScripts(agent: Agent): Promise<LegacyAnswer>;
  /** @param withinMs how long the answer is waited for; what comes later is not heard any more */
  abstract runScript(agent: Agent, script: string, withinMs: number): StartedCall;
}
