import { describe, expect, it } from 'vitest';
import { readFlags } from './read-flags.js';

describe('readFlags', () => {
  it('serves when nothing else is asked for', () => {
    expect(readFlags([])).toEqual({ purpose: 'serve', settings: {}, withFernetKey: false, unknown: [] });
  });

  it('reads settings in both spellings', () => {
    expect(readFlags(['--check', '--port', '9000', '--home=/srv/mesh'])).toEqual({
      purpose: 'check',
      settings: { SCRIPT_MESH_PORT: '9000', SCRIPT_MESH_HOME: '/srv/mesh' },
      withFernetKey: false,
      unknown: [],
    });
  });

  it.each([
    ['--import-v02', 'import-v02'],
    ['--restore', 'restore'],
    ['--backup', 'backup'],
  ])('reads the path after %s', (flag, purpose) => {
    const read = { purpose, path: '/old', settings: { SCRIPT_MESH_PORT: '1' }, withFernetKey: false, unknown: [] };
    expect(readFlags([flag, '/old', '--port=1'])).toEqual(read);
    expect(readFlags(['--port=1', `${flag}=/old`])).toEqual(read);
  });

  it('backs the key up only when asked', () => {
    expect(readFlags(['--backup', '/b', '--with-fernet-key'])).toMatchObject({
      purpose: 'backup',
      withFernetKey: true,
    });
  });

  it.each([
    ['--nonsense'],
    ['--import-v02'],
    ['--restore'],
    ['--mark-restored=x'],
    ['--port'],
    ['--check=yes'],
    ['serve'],
    ['--main-key', 'x'],
  ])('names what it does not understand: %s', (...argv) => {
    expect(readFlags(argv).unknown).toContain(argv[0]?.split('=')[0]);
  });
});
