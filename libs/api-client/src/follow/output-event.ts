import type { RunResource, Stream } from '@scriptmesh/contracts';

/** What a follower of a run's output sees. `offset` is the place of the first byte in its stream. */
export type OutputEvent =
  | { readonly kind: 'output'; readonly stream: Stream; readonly offset: number; readonly bytes: Buffer }
  /** Output that was not kept lies before the next piece; `missing` bytes, which older orchestrators do not tell. */
  | {
      readonly kind: 'gap';
      readonly stream: Stream | null;
      readonly offset: number | null;
      readonly missing: number | null;
    }
  /** The connection broke and is tried again; told once per outage. */
  | { readonly kind: 'reconnecting'; readonly why: string }
  | { readonly kind: 'end'; readonly run: RunResource };
