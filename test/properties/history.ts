import * as fc from 'fast-check';

/** What may happen next. The numbers pick among what is there. */
const STEPS = {
  ask: 10,
  askTwice: 1,
  cancel: 2,
  deliver: 8,
  repeat: 4,
  drop: 1,
  second: 8,
  minute: 2,
  sweep: 3,
  poll: 2,
  write: 6,
  exit: 6,
  timeOut: 1,
  crashAgent: 2,
  crashInWrite: 2,
  startAgent: 6,
  crashOrchestrator: 1,
  killSupervisor: 1,
  reboot: 1,
  wipeSpool: 1,
  copySpool: 0,
  backup: 0,
  rollBack: 0,
  partition: 1,
  relist: 1,
  forge: 2,
  longSilence: 0,
  clockJump: 1,
  loseCommitAnswers: 1,
  // Only in directed histories.
  network: 0,
  rollBackAnyway: 0,
} as const;
export type StepKind = keyof typeof STEPS;

export interface Step {
  readonly kind: StepKind;
  readonly pick: number;
}

export interface History {
  /** Of all that the steps leave open. */
  readonly seed: number;
  /** Snapshots of spools and backups of the store are not promised to go together. */
  readonly rollsBack: 'spool' | 'store';
  readonly steps: readonly Step[];
  /** The network and the nodes do what the steps say, and nothing by chance. */
  readonly isDirected?: boolean;
}

/** Each kind of history has some of the faults often, so that rare ones meet each other. */
const OFTEN: Readonly<Record<string, Partial<Record<StepKind, number>>>> = {
  anything: { longSilence: 2, partition: 3, reboot: 2 },
  spool: { copySpool: 8, rollBack: 8, wipeSpool: 2, exit: 10, ask: 14 },
  oldSpools: { copySpool: 10, rollBack: 12, deliver: 14, repeat: 20, exit: 8, ask: 14, second: 3 },
  store: { backup: 5, rollBack: 5, exit: 10, ask: 14 },
  queues: { backup: 6, rollBack: 6, ask: 24, cancel: 10, exit: 4, minute: 4 },
  offersAgain: { repeat: 24, deliver: 16, ask: 16, exit: 12, relist: 8, second: 4, crashAgent: 4 },
  fullSlots: { ask: 24, cancel: 14, repeat: 12, deliver: 16, exit: 1, second: 12, partition: 3 },
  wipes: { wipeSpool: 7, deliver: 14, repeat: 10 },
  crashes: { crashAgent: 9, crashInWrite: 9, startAgent: 16, killSupervisor: 4 },
  cancels: { cancel: 14, repeat: 12, deliver: 12, relist: 6, crashAgent: 0, crashInWrite: 0 },
  output: { write: 24, exit: 12, drop: 4, repeat: 12, timeOut: 4, wipeSpool: 0, reboot: 0 },
};

const ROLLS_BACK_STORE: ReadonlySet<string> = new Set(['store', 'queues']);

const stepsWith = (more: Partial<Record<StepKind, number>>): fc.Arbitrary<readonly Step[]> => {
  const kinds = Object.entries({ ...STEPS, ...more }).map(([kind, weight]) => ({
    weight,
    arbitrary: fc.constant(kind as StepKind),
  }));
  return fc.array(fc.record({ kind: fc.oneof(...kinds), pick: fc.nat(1_000_000) }), { minLength: 30, maxLength: 90 });
};

export const aHistory: fc.Arbitrary<History> = fc.oneof(
  ...Object.entries(OFTEN).map(([name, more]) =>
    fc.record({
      seed: fc.nat(),
      rollsBack: ROLLS_BACK_STORE.has(name) ? fc.constant('store' as const) : fc.constant('spool' as const),
      steps: stepsWith(more),
    }),
  ),
);
