import { NestFactory } from '@nestjs/core';
import { NestLogAdapter } from '@scriptmesh/logging';
import { AppModule } from './app.module.js';
import { ImportOf02, type ImportReport } from './features/legacy/index.js';
import type { Surroundings } from './surroundings.module.js';

/** Not taken over, since it stays where it is or is learned anew. */
const LEFT =
  'Not imported: last_seen times (the next sweep tells them); scripts, manifests and logs stay on their nodes.';

/**
 * Takes over the agents of a ScriptMesh 0.2 installation and says what was taken and what not.
 * @returns the exit code: 1 when something was not taken
 */
export async function importV02(surroundings: Surroundings, folder: string): Promise<number> {
  // Created and not initialised: nothing is swept or sent while agents come in.
  const app = await NestFactory.create(AppModule.with(surroundings), {
    abortOnError: false,
    logger: new NestLogAdapter(surroundings.log),
  });
  try {
    const report = await app.get(ImportOf02).importFolder(folder);
    process.stdout.write(describe(report));
    return report.notTaken.length > 0 ? 1 : 0;
  } finally {
    await app.close();
  }
}

function describe({ taken, kept, notTaken }: ImportReport): string {
  const lines = [
    ...taken.map((name) => `taken      ${name}`),
    ...kept.map((name) => `kept       ${name}: registered here already`),
    ...notTaken.map(({ name, why }) => `not taken  ${JSON.stringify(name)}: ${why}`),
    `${taken.length} taken, ${kept.length} kept, ${notTaken.length} not taken`,
    LEFT,
  ];
  return `${lines.join('\n')}\n`;
}
