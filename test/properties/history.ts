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
}

/** Each kind of history has some of the faults often, so that rare ones meet each other. */
const OFTEN: Readonly<Record<string, Partial<Record<StepKind, number>>>> = {
  anything: { longSilence: 2, partition: 3, reboot: 2 },
  spool: { copySpool: 8, rollBack: 8, wipeSpool: 2, exit: 10, ask: 14 },
  store: { backup: 5, rollBack: 5, exit: 10, ask: 14 },
  wipes: { wipeSpool: 7, deliver: 14, repeat: 10 },
  crashes: { crashAgent: 9, crashInWrite: 9, startAgent: 16, killSupervisor: 4 },
  cancels: { cancel: 14, repeat: 12, deliver: 12, relist: 6, crashAgent: 0, crashInWrite: 0 },
  output: { write: 24, exit: 12, drop: 4, repeat: 12, timeOut: 4, wipeSpool: 0, reboot: 0 },
};

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
      rollsBack: name === 'store' ? fc.constant('store' as const) : fc.constant('spool' as const),
      steps: stepsWith(more),
    }),
  ),
);
