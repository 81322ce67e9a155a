import { describe, expect, it } from 'vitest';
import { readFlags } from './read-flags.js';

describe('readFlags', () => {
  it('serves when nothing else is asked for', () => {
    expect(readFlags([])).toEqual({ purpose: 'serve', settings: {}, unknown: [] });
  });

  it('reads settings in both spellings', () => {
    expect(readFlags(['--check', '--port', '9000', '--home=/srv/mesh'])).toEqual({
      purpose: 'check',
      settings: { SCRIPT_MESH_PORT: '9000', SCRIPT_MESH_HOME: '/srv/mesh' },
      unknown: [],
    });
  });

  it('reads the folder of an import', () => {
    const read = { purpose: 'import-v02', folder: '/old', settings: { SCRIPT_MESH_PORT: '1' }, unknown: [] };
    expect(readFlags(['--import-v02', '/old', '--port=1'])).toEqual(read);
    expect(readFlags(['--port=1', '--import-v02=/old'])).toEqual(read);
  });

  it.each([['--nonsense'], ['--import-v02'], ['--port'], ['--check=yes'], ['serve'], ['--main-key', 'x']])(
    'names what it does not understand: %s',
    (...argv) => {
      expect(readFlags(argv).unknown).toContain(argv[0]?.split('=')[0]);
    },
  );
});
