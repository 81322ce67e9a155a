import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh } from './support/mesh.js';
import { ROOT, runCli } from './support/program.js';

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;
const DRIVER = join(ROOT, 'test/support/drive_terminal.py');
const CLI = join(ROOT, 'bin/scriptmesh.mjs');
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** What to wait for on the screen, and what to type then. */
type Step = readonly [string, string];

interface Driven {
  readonly screen: string;
  readonly code: number;
  /** Steps that never came. */
  readonly left: number;
}

describe.skipIf(!hasPython)(
  'the command line on a terminal (skipped where python3, which drives it, is missing)',
  () => {
    const mesh = new Mesh();
    const config = mkdtempSync(join(tmpdir(), 'scriptmesh-config-'));
    beforeAll(() => mesh.start([{ file: 'hello.sh', text: '#!/bin/sh\necho hello from a script\n' }]));
    afterAll(async () => {
      await mesh.stop();
      rmSync(config, { recursive: true });
    });

    const drive = async (steps: readonly Step[], words: readonly string[] = [], more: object = {}): Promise<Driven> => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        TERM: 'xterm',
        XDG_CONFIG_HOME: config,
        ORCHESTRATOR_URL: mesh.url,
        SCRIPT_MESH_API_KEY: mesh.mainKey,
        ...more,
      };
      const args = [DRIVER, JSON.stringify(steps), process.execPath, CLI, ...words];
      const { stdout } = await promisify(execFile)('python3', args, { env, cwd: config });
      return JSON.parse(stdout) as Driven;
    };

    it('opens the menu, triggers a script by numbers and names, and shows the equal commands', async () => {
      const driven = await drive([
        ['Choice: ', '2\r'],
        ['Choice: ', '4\r'],
        ['Agent (number or name): ', '1\r'],
        ['Script (number or name): ', 'hello\r'],
        ['hello from a script', ''],
        ['Choice: ', 'q\r'],
      ]);
      expect(driven).toMatchObject({ code: 0, left: 0 });
      expect(driven.screen).toContain('$ scriptmesh agents list');
      expect(driven.screen).toContain(`$ scriptmesh run hello -a ${AGENT_NAME}`);
      expect(driven.screen).toMatch(/: succeeded \(exit 0\), \d+ s/);
    });

    it('takes lines that were typed ahead', async () => {
      const driven = await drive([['Choice: ', '3\r1\r0\r']]);
      expect(driven).toMatchObject({ code: 0, left: 0 });
      expect(driven.screen).toContain(`$ scriptmesh scripts list -a ${AGENT_NAME}`);
    });

    it.each([
      ['Ctrl-C', CTRL_C, 130],
      ['Ctrl-D', CTRL_D, 0],
    ])('leaves the menu quietly at %s', async (_name, key, code) => {
      for (const steps of [
        [['Choice: ', key]],
        [
          ['Choice: ', '4\r'],
          ['Agent (number or name): ', key],
        ],
      ] as Step[][]) {
        const driven = await drive(steps);
        expect(driven).toMatchObject({ code, left: 0 });
        expect(driven.screen).not.toMatch(/why:|Error|at async/);
      }
    });

    it('shows no colours with NO_COLOR', async () => {
      const steps: Step[] = [
        ['Choice: ', '2\r'],
        ['Choice: ', '0\r'],
      ];
      const coloured = /\u001b\[(1|2|32)m/; // oxlint-disable-line no-control-regex -- colours are what this is about
      expect((await drive(steps)).screen).toMatch(coloured);
      expect((await drive(steps, [], { NO_COLOR: '1' })).screen).not.toMatch(coloured);
    });

    it('asks for a key without showing it, keeps it for its owner only, and asks with it from then on', async () => {
      const others = { SCRIPT_MESH_API_KEY: undefined };
      const driven = await drive([['Key for ', `${mesh.mainKey}\r`]], ['login'], others);
      expect(driven).toMatchObject({ code: 0, left: 0 });
      expect(driven.screen).not.toContain(mesh.mainKey);
      const file = join(config, 'scriptmesh/contexts.json');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toContain(mesh.mainKey);
      expect(await runCli(['agents', 'list', '-o', 'name'], { XDG_CONFIG_HOME: config })).toMatchObject({
        code: 0,
        stdout: `${AGENT_NAME}\n`,
      });
    });

    it('shows help and ends with 2 where nobody sits', async () => {
      const { code, stdout, stderr } = await runCli([], {});
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('Usage: scriptmesh');
    });
  },
);
