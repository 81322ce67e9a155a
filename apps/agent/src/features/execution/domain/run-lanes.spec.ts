import { describe, expect, it } from 'vitest';
import type { RunId } from '@scriptmesh/contracts';
import { RunLanes } from './run-lanes.js';

const A = 'a' as RunId;
const B = 'b' as RunId;

describe('the lanes of runs', () => {
  /** Work that is done when the test says so. */
  function held() {
    let finish = (): void => undefined;
    let fail = (): void => undefined;
    const promise = new Promise<void>((resolve, reject) => {
      finish = resolve;
      fail = () => reject(new Error('the disk is full'));
    });
    return { work: () => promise, finish, fail };
  }

  it('take the messages of one run in turn, those of others meanwhile, and go on after a failure', async () => {
    const lanes = new RunLanes();
    const order: string[] = [];
    const first = held();
    const failing = lanes.inTurn(A, () => first.work().finally(() => order.push('first failed')));
    const second = lanes.inTurn(A, async () => order.push('second'));
    await lanes.inTurn(B, async () => order.push('other'));
    first.fail();
    await Promise.allSettled([failing, second]);
    expect(order).toEqual(['other', 'first failed', 'second']);
  });

  it('rest when all that is in hand is done, and have nothing to wait for afterwards', async () => {
    const lanes = new RunLanes();
    const order: string[] = [];
    const [first, second] = [held(), held()];
    const works = [lanes.inTurn(A, first.work), lanes.inTurn(B, second.work).catch(() => order.push('failed'))];
    const resting = lanes.rest().then(() => order.push('rested'));
    first.finish();
    await works[0];
    expect(order).toEqual([]);
    second.fail();
    await resting;
    expect(order).toEqual(['failed', 'rested']);
    await lanes.rest();
  });
});
