/** Time and randomness as ports with their real adapters; the fakes are in `@scriptmesh/testing`. */
export { Clock, SystemClock, type Timer } from './clock.js';
export { Ids, RandomIds } from './ids.js';
