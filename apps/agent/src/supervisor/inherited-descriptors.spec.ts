import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findInheritedDescriptors } from './inherited-descriptors.js';

describe.skipIf(!existsSync('/proc/self/fdinfo'))('descriptors that a program inherited', () => {
  it('are those that its children would get, and never its own', () => {
    const own = openSync('/dev/null', 'r');
    const inherited = findInheritedDescriptors();
    const seen = spawnSync('/bin/ls', ['/proc/self/fd'], { encoding: 'utf8' }).stdout.trim().split('\n').map(Number);
    closeSync(own);
    expect(inherited).not.toContain(own);
    // 0, 1, 2 and the folder that ls itself opens, as the lowest free one, are not inherited beyond the three.
    expect(seen.filter((descriptor) => descriptor > 3).toSorted()).toEqual(
      inherited.filter((descriptor) => descriptor > 3).toSorted(),
    );
  });
});
