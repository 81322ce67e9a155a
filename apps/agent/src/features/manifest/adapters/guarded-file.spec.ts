import { chmodSync, chownSync, lchownSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isMeshError } from '@scriptmesh/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeHome } from '../test-support/node-home.js';

const isRoot = process.getuid?.() === 0;
const MANIFEST = 'cfg/script_manifest.json';

describe.skipIf(process.platform === 'win32')('the permissions of the manifest', () => {
  const strict = { name: 'x', path: 'x.sh', description: 'new form' };
  const legacy = { name: 'x', path: 'x.sh' };
  let home: NodeHome;
  beforeEach(() => {
    home = new NodeHome();
    home.listing(strict).write('scripts/x.sh', '#!/bin/sh\n').write('scripts/y.sh', '#!/bin/sh\n');
  });
  afterEach(() => home.remove());

  const at = (place: string): string => join(home.folder, place);
  const warnings = () => home.logger.events.filter((event) => event.startsWith('manifest.unsafe-permissions'));
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) => (isMeshError(error) ? error.message : Promise.reject(error as Error)),
    );
  const coldRefusal = async (): Promise<string> => refusal((await home.reader()).checkScript('x'));

  it.each([
    ['.', 0o777, 'the home folder'],
    ['cfg', 0o777, 'cfg'],
    ['cfg', 0o757, 'cfg'],
    [MANIFEST, 0o666, MANIFEST],
  ])('permit nothing at a cold start when everyone can write %s (%o)', async (place, mode, shown) => {
    for (const entry of [strict, legacy]) {
      home.listing(entry);
      const before = statSync(at(place)).mode;
      chmodSync(at(place), mode);
      const reader = await home.reader();
      const why =
        `${MANIFEST} is not safe: ${shown} can be written by everyone, and whoever can write it decides ` +
        `what this file permits. Mend it in the home folder: chmod go-w ${place}`;
      expect(await refusal(reader.checkScript('x'))).toBe(
        `manifest/unsafe-permissions: no script may run here: ${why}`,
      );
      expect(await reader.report()).toEqual({ sha256: null, report: { scripts: [], faults: [why] } });
      chmodSync(at(place), before);
      expect(await refusal(reader.checkScript('x'))).toBe('none');
    }
  });

  it.each([['.'], ['cfg'], [MANIFEST]])(
    'leave the last good manifest in force when %s opens up to everyone later, and take the new one when mended',
    async (place) => {
      const reader = await home.reader();
      const before = reader.sha256;
      const mode = statSync(at(place)).mode;
      chmodSync(at(place), 0o777);
      expect((await reader.report()).report.faults).toEqual([expect.stringContaining('can be written by everyone')]);
      home.write(MANIFEST, '{"scripts":[{"name":"y","path":"y.sh"}]}', place === MANIFEST ? 0o666 : 0o644);
      chmodSync(at(place), 0o777);
      expect(await refusal(reader.checkScript('y'))).toMatch(/^script\/not-found/);
      expect(await refusal(reader.checkScript('x'))).toBe('none');
      expect(reader.sha256).toBe(before);
      expect(home.logger.events.filter((event) => event.startsWith('manifest.broken'))).toHaveLength(1);
      chmodSync(at(place), mode);
      expect(await refusal(reader.checkScript('y'))).toBe('none');
      expect((await reader.report()).report.faults).toEqual([]);
    },
  );

  it.each([
    ['cfg', 0o775],
    [MANIFEST, 0o664],
  ])('refuse %s that its group can write, and only warn of it for a manifest of 0.2', async (place, mode) => {
    chmodSync(at(place), mode);
    expect(await coldRefusal()).toContain(`manifest/unsafe-permissions: no script may run here: ${MANIFEST} is not`);
    expect(await coldRefusal()).toContain(`${place} can be written by its group`);
    home.listing(legacy);
    chmodSync(at(place), mode);
    const reader = await home.reader();
    await reader.checkScript('x');
    await reader.checkScript('x');
    expect(warnings()).toEqual([expect.stringContaining(`${place} can be written by its group`)]);
    home.listing(legacy, { ...strict, name: 'y' });
    chmodSync(at(place), mode);
    expect((await reader.report()).report.faults).toEqual([expect.stringContaining('by its group')]);
  });

  it('only warn of a home folder that its group can write, as umask 002 makes it', async () => {
    chmodSync(home.folder, 0o775);
    expect(await coldRefusal()).toBe('none');
    expect(warnings()).toEqual([expect.stringContaining('the home folder can be written by its group')]);
  });

  it.skipIf(!isRoot).each([['.'], ['cfg'], [MANIFEST]])('refuse %s of another user', async (place) => {
    chownSync(at(place), 12_345, 0);
    expect(await coldRefusal()).toContain('belongs to user 12345, neither to root nor');
    expect(await coldRefusal()).toContain(`Mend it in the home folder: chown -h 0 ${place}`);
  });

  it.skipIf(!isRoot)('let a sticky folder of root pass', async () => {
    chmodSync(at('cfg'), 0o1777);
    expect(await coldRefusal()).toBe('none');
  });

  it('are those of the folder and the file that a link leads to', async () => {
    mkdirSync(at('real'), { mode: 0o755 });
    renameSync(at(MANIFEST), at('real/m.json'));
    symlinkSync('../real/m.json', at(MANIFEST));
    const reader = await home.reader();
    expect(await refusal(reader.checkScript('x'))).toBe('none');
    chmodSync(at('real'), 0o777);
    expect((await reader.report()).report.faults).toEqual([
      expect.stringContaining(`${at('real')} can be written by everyone`),
    ]);
  });

  it.skipIf(!isRoot)('are refused when the link is one of another user', async () => {
    mkdirSync(at('real'), { mode: 0o755 });
    renameSync(at(MANIFEST), at('real/m.json'));
    symlinkSync('../real/m.json', at(MANIFEST));
    lchownSync(at(MANIFEST), 12_345, 0);
    expect(await coldRefusal()).toContain('is a link that belongs to user 12345');
  });

  it.each([[0o000], [0o002], [0o022]])('are safe from the first start on under umask %o', async (umask) => {
    rmSync(at('cfg'), { recursive: true });
    rmSync(at('scripts'), { recursive: true });
    const before = process.umask(umask);
    const reader = await home.reader().finally(() => process.umask(before));
    expect((await reader.report()).report).toMatchObject({ faults: [], scripts: [{ problem: null }] });
  });
});
