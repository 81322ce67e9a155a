/** What carries a request of ours and calls back about it. undici's Agent is one, `NodePostClient` another. */
export interface PostClient {
  /** Sends it once at most. */
  dispatch(request: PostRequest, events: PostEvents): unknown;
  /** Ends all connections. */
  destroy(): unknown;
}

export interface PostRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly idempotent: false;
}

export interface Abortable {
  abort(why: Error): void;
}

export interface PostEvents {
  /** Called on a connection that is there, just before the first byte leaves; an abort then means that none does. */
  onRequestStart(controller: Abortable): void;
  onResponseStart(controller: Abortable, status: number, headers: Record<string, unknown>): void;
  onResponseData(controller: Abortable, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(controller: Abortable, error: Error): void;
}
