import { MeshError } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { parseFilePath } from '../domain/file-path.js';
import { toFileFault, toFolderFault } from './file-fault.js';

/** As Node throws it, with the server's own path in it. */
const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: open '/srv/mesh/data/a'`), { code, syscall: 'open' });

describe('faults of the disk', () => {
  it.each([
    ['ENOENT', 'file/not-found', 404],
    ['ENOTDIR', 'file/not-found', 404],
    ['ENAMETOOLONG', 'file/not-found', 404],
    ['EACCES', 'file/unreadable', 503],
    ['EMFILE', 'file/unreadable', 503],
    ['EIO', 'file/unreadable', 503],
  ])('%s becomes %s, of a file and of the data folder, without a path of the server', (system, code, status) => {
    for (const fault of [toFileFault(systemError(system), parseFilePath('a')), toFolderFault(systemError(system))]) {
      expect(fault).toMatchObject({ code, status });
      expect((fault as MeshError).detail + (fault as MeshError).hint).not.toContain('/srv');
    }
  });

  it('leaves what is no fault of the disk as it is', () => {
    const bug = new TypeError('x');
    const known = new MeshError('file/unsafe-path', 'x');
    for (const error of [bug, known]) expect(toFileFault(error, parseFilePath('a'))).toBe(error);
    expect(toFolderFault(bug)).toBe(bug);
  });
});
