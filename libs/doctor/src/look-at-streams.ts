import { ask } from './ask.js';
import { ok, problem, type Finding } from './finding.js';

/** Longer than streams are ever silent (SCRIPT_MESH_STREAM_KEEP_ALIVE_SECONDS is 5). */
export const SILENCE_SECONDS = 6;
const PATIENCE_MS = 5_000;

interface StreamPlace {
  readonly url: string;
  readonly key: string;
  /** On a clock that does not jump. */
  readonly monotonicMs: () => number;
  readonly silenceSeconds?: number;
}

/**
 * Follows a stream that says one word, is silent, and says another one. A proxy that gathers lets both come together;
 * one with a short idle timeout cuts the second off.
 */
export async function lookAtStreams({
  url,
  key,
  monotonicMs,
  silenceSeconds = SILENCE_SECONDS,
}: StreamPlace): Promise<Finding> {
  const path = `${url.replace(/\/+$/, '')}/api/v1/probe?silence=${silenceSeconds}`;
  const begunMs = monotonicMs();
  const silenceMs = silenceSeconds * 1000;
  let firstAfterMs: number | undefined;
  let text = '';
  try {
    const { status, answer } = await ask(
      path,
      { 'x-api-key': key, accept: 'text/event-stream' },
      PATIENCE_MS + silenceMs,
    );
    if (status === 404) return problem('streams', 'the orchestrator is too old to be tried', 'Update it.');
    if (status !== 200)
      return problem('streams', `could not be tried: the answer was ${status}`, 'See the other findings first.');
    for await (const chunk of answer) {
      text += String(chunk);
      if (firstAfterMs === undefined && text.includes('event: begin')) firstAfterMs = monotonicMs() - begunMs;
    }
  } catch {
    // Cut: judged by what has come.
  }
  if (!text.includes('event: end')) {
    return problem(
      'streams',
      firstAfterMs === undefined ? 'nothing came' : `a stream that is silent for ${silenceSeconds} s is cut on its way`,
      'Raise the idle timeout of the proxy on the way above 15 s (nginx: proxy_read_timeout 75s).',
    );
  }
  if (firstAfterMs === undefined || firstAfterMs > silenceMs / 2) {
    return problem(
      'streams',
      'a proxy on the way holds bytes back: live output comes late and in heaps',
      'Turn its buffering off (nginx: proxy_buffering off; docs/nginx.md).',
    );
  }
  return ok('streams', `live output comes at once, and survives ${silenceSeconds} s of silence`);
}
