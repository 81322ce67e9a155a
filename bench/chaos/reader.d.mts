import type { checkRun } from './check-run.mjs';

type Ended = Parameters<typeof checkRun>[0]['ended'];

export class Reader {
  constructor(url: string, mainKey: string);
  allIds(): Promise<readonly string[]>;
  history(run: { readonly id: string; readonly script: string }): Promise<Ended | null>;
}
