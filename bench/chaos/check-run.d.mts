/** What must hold of one run that has ended, for those who call it from TypeScript. */
interface Ended {
  readonly run: {
    readonly id: string;
    readonly state: string;
    readonly executed: string;
    readonly reason: string | null;
    readonly truncated: boolean;
  };
  readonly transitions: readonly { readonly from: string | null; readonly to: string; readonly cause: string | null }[];
  readonly stdout: 'whole' | 'beginning' | 'wrong';
  readonly stderr: 'whole' | 'beginning' | 'wrong';
}

export function checkRun(it: {
  readonly asked: { readonly script: string; readonly cancelled: boolean };
  readonly ended: Ended;
  readonly spawns: number;
  readonly faults: readonly {
    readonly kind: string;
    readonly agent: string;
    readonly beganAt: number;
    readonly endedAt: number;
    readonly happened: boolean;
  }[];
}): readonly { readonly violation: string; readonly detail: string }[];
