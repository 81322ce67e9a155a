const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * A `traceparent` of W3C Trace Context as this project passes it on: version, trace id, span id, flags. Longer forms of
 * later versions are not taken, so that nothing else can travel in it.
 */
export const isTraceparent = (value: unknown): value is string => typeof value === 'string' && FORM.test(value);
