/** What a follower of a log sees. */
export type LogEvent =
  | { readonly kind: 'output'; readonly bytes: Buffer }
  /** The file was replaced or cut, or grew faster than it was read: something may be missing here. */
  | { readonly kind: 'gap'; readonly why: string }
  /** The agent or the orchestrator does not answer, or the file is not there; told once per outage. */
  | { readonly kind: 'waiting'; readonly why: string };
