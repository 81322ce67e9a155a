import { describe, expect, it } from 'vitest';
import { findPackageRoot, readVersion } from './version.js';

describe('readVersion', () => {
  it('reads the version of the package from wherever the file is', () => {
    expect(readVersion(findPackageRoot())).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('says so when there is no package', () => {
    expect(() => findPackageRoot('/')).toThrow('package.json');
  });
});
