import { MovedClock } from '@scriptmesh/testing';
import { expect, it } from 'vitest';
import { PeerPresence } from './peer-presence.js';

it('keeps a peer present that cannot be dialled but speaks, until it has been silent for 30 s', async () => {
  const clock = new MovedClock();
  const told: boolean[] = [];
  const presence = new PeerPresence(clock, (present) => told.push(present));
  presence.failed();
  presence.heard();
  await clock.advance(30_000);
  presence.failed();
  expect(told).toEqual([true]);
  await clock.advance(1);
  presence.failed();
  presence.failed();
  expect(told).toEqual([true, false]);
});

it('lets go of a peer at the first failure once it has answered', () => {
  const told: boolean[] = [];
  const presence = new PeerPresence(new MovedClock(), (present) => told.push(present));
  presence.heard();
  presence.answered();
  presence.failed();
  expect(told).toEqual([true, false]);
});
