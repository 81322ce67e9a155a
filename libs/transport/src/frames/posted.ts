import type { Frame } from '@scriptmesh/crypto';
import type { SendVerdict } from '../agent-link.js';

/** What became of one list of frames. */
export interface Posted {
  readonly verdict: SendVerdict;
  /** The HTTP status of the answer; null when none came, or there is none on this transport. */
  readonly status: number | null;
  /** What went wrong, for the log; empty when nothing did. */
  readonly why: string;
  /** Frames that came back; empty unless the verdict is `sent`. */
  readonly answer: readonly Frame[];
}
