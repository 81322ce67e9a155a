import type { FromAgent } from '@scriptmesh/contracts';

/** A message on its way to the orchestrator; the envelope and the MAC are put on by link. */
export interface Outgoing {
  readonly message: FromAgent;
  /** Output of a `chunk` or the end of it with a `result`, JSON of a `manifest`. */
  readonly bytes?: Uint8Array;
}

/** As many as are given, without bytes. */
export const say = (...messages: readonly FromAgent[]): readonly Outgoing[] => messages.map((message) => ({ message }));
