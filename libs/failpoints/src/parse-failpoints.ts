import { FAILPOINTS, type FailpointName } from './catalogue.js';

/** What happens at a point, once, on its n-th passing. */
export interface ArmedPoint {
  readonly point: FailpointName;
  readonly action: 'kill' | 'error' | 'delay';
  /** Of a delay. */
  readonly delayMs: number;
  /** The passing at which it happens, from 1. */
  readonly onHit: number;
}

const ITEM = /^(?<point>[^:@=]+):(?<action>kill|error|delay)(?:=(?<delay>\d{1,6})ms)?(?:@(?<hit>\d{1,6}))?$/;
const DELAY_MS = 1000;

/**
 * Reads `<point>:<kill|error|delay>`, several by commas; `delay=500ms` instead of a second, `@3` for the third passing
 * instead of the first.
 * @returns the points, or the first thing that is wrong, in words
 */
export function parseFailpoints(text: string): readonly ArmedPoint[] | string {
  const armed: ArmedPoint[] = [];
  for (const item of text.split(',').map((word) => word.trim())) {
    const { point = '', action, delay, hit = '1' } = ITEM.exec(item)?.groups ?? {};
    if (action === undefined || Number(hit) === 0 || (delay !== undefined && action !== 'delay'))
      return `"${item}" is not <point>:<kill|error|delay>, with =500ms after delay and @2 for the second passing`;
    if (!isFailpoint(point)) return `there is no point "${point}"`;
    const [delayMs, onHit] = [Number(delay ?? DELAY_MS), Number(hit)];
    armed.push({ point, action: action as ArmedPoint['action'], delayMs, onHit });
  }
  return armed;
}

/** The same in writing, with nothing left out. */
export const writeFailpoints = (armed: readonly ArmedPoint[]): string =>
  armed
    .map(
      ({ point, action, delayMs, onHit }) => `${point}:${action}${action === 'delay' ? `=${delayMs}ms` : ''}@${onHit}`,
    )
    .join(',');

const isFailpoint = (name: string): name is FailpointName => Object.hasOwn(FAILPOINTS, name);
