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

  it.each([['--nonsense'], ['--port'], ['--check=yes'], ['serve'], ['--main-key', 'x']])(
    'names what it does not understand: %s',
    (...argv) => {
      expect(readFlags(argv).unknown).toContain(argv[0]?.split('=')[0]);
    },
  );
});
