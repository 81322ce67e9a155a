import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './support/program.js';

const UNITS = ['scriptmesh-agent.service', 'scriptmesh-orchestrator.service'];
const MOST_EXPOSURE = 2.0;
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;

/** Needs systemd's tools, but no running systemd. */
describe.skipIf(!hasAnalyze)(`the units${hasAnalyze ? '' : ' (skipped: there is no systemd-analyze here)'}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-units-'));
    for (const unit of UNITS) cpSync(join(ROOT, 'ops/systemd', unit), join(folder, unit));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const analyze = (...words: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['--no-pager', ...words], { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };
  const exposureOf = (unit: string): number => {
    const { said } = analyze('security', '--offline=true', join(folder, unit));
    return Number(/Overall exposure level for \S+ (\d+\.\d)/.exec(said)?.[1]);
  };

  it.each(UNITS)('%s is one that systemd reads without a complaint', (unit) => {
    const text = spawnSync('sed', ['s|^ExecStart=.*|ExecStart=/bin/sh|', join(folder, unit)], { encoding: 'utf8' });
    const place = join(folder, 'runnable');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, unit), text.stdout);
    expect(analyze('verify', '--recursive-errors=no', join(place, unit))).toEqual({ status: 0, said: '' });
  });

  it.each(UNITS)(`%s is exposed by at most ${MOST_EXPOSURE}`, (unit) => {
    expect(exposureOf(unit)).toBeLessThanOrEqual(MOST_EXPOSURE);
  });

  it('the drop-in for sudo is one that systemd reads, and takes away all that forbids sudo', () => {
    const dropIns = join(folder, 'scriptmesh-agent.service.d');
    const unit = join(folder, 'scriptmesh-agent.service');
    mkdirSync(dropIns);
    cpSync(join(ROOT, 'ops/systemd/scriptmesh-agent.service.d/sudo.conf.example'), join(dropIns, 'sudo.conf'));
    const { said } = analyze('security', '--offline=true', unit);
    for (const name of ['NoNewPrivileges=', 'SystemCallFilter=~@privileged', 'RestrictSUIDSGID=', 'LockPersonality=']) {
      expect(said).toMatch(new RegExp(`✗ ${name}`));
    }
    rmSync(dropIns, { recursive: true });
  });
});
