import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliBench } from '../../../test-support/cli-bench.js';

describe('scriptmesh explain', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
  });
  afterEach(() => cli.stop());

  it('tells what a field means and what it takes', async () => {
    expect(await cli.run('explain scripts.timeoutSeconds')).toBe(0);
    expect(cli.terminal.outText).toBe(
      'scripts.timeoutSeconds (integer, optional)\n' +
        '  After it the script is ended. A request may ask for less, never for more.\n' +
        '  at least 1\n' +
        '  at most 604800\n',
    );
    expect(cli.api.requests).toHaveLength(0);
  });

  it.each(['scripts[].name', 'scripts[0].name'])('takes %s as well', async (field) => {
    expect(await cli.run(`explain ${field}`)).toBe(0);
    expect(cli.terminal.outText).toContain('scripts.name (string, required)');
  });

  it('names the fields inside', async () => {
    await cli.run('explain scripts');
    expect(cli.terminal.outText).toContain('scripts (array of objects, required)');
    expect(cli.terminal.outText).toContain('Fields inside:\n  scripts.name\n  scripts.path\n');
  });

  it('lists all fields', async () => {
    expect(await cli.run('explain -o name')).toBe(0);
    expect(cli.terminal.outText.split('\n').slice(0, 4)).toEqual([
      '$schema',
      'scripts',
      'scripts.name',
      'scripts.path',
    ]);
    await cli.run('explain');
    expect(cli.terminal.outText).toContain('What the script is called by.');
  });

  it('gives the part of the schema as JSON, and without a field all of it', async () => {
    await cli.run('explain scripts.maxConcurrent -o json');
    const whole = cli.manifestSchema.read();
    expect(JSON.parse(cli.terminal.outText)).toEqual(
      whole.properties?.['scripts']?.items?.properties?.['maxConcurrent'],
    );
    const before = cli.terminal.outText.length;
    await cli.run('explain -o json');
    expect(JSON.parse(cli.terminal.outText.slice(before))).toEqual(whole);
  });

  it.each([
    ['timeoutSeconds', 'scripts.timeoutSeconds'],
    ['scripts.timeout', 'scripts.timeoutSeconds'],
    ['scripts.pth', 'scripts.path'],
    ['script', 'scripts'],
  ])('ends with 3 for %s and names %s', async (asked, near) => {
    expect(await cli.run(`explain ${asked}`)).toBe(3);
    expect(cli.terminal.outText).toBe('');
    expect(cli.terminal.errText).toContain(`Perhaps ${near}`);
  });

  it('ends with 3 and names nothing when nothing is near', async () => {
    expect(await cli.run('explain wholly.different')).toBe(3);
    expect(cli.terminal.errText).not.toContain('Perhaps');
    expect(cli.terminal.errText).toContain('"scriptmesh explain" lists all fields');
  });
});
