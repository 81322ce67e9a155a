import { describe, expect, it } from 'vitest';
import { MeshError } from '@scriptmesh/contracts';
import { faultText } from './print-fault.js';

describe('an error as people see it', () => {
  it('says what happened, why, and what to do', () => {
    const error = new MeshError('agent/not-found', 'there is no agent "x"', { hint: 'List them.' });
    expect(faultText(error, false)).toBe(
      'scriptmesh: No such agent (agent/not-found)\n  why: there is no agent "x"\n  do:  List them.\n',
    );
  });

  it('lets a server neither speak to the terminal nor begin a line of its own', () => {
    const evil = '\u001b]0;owned\u0007\u009b2J\u202e\nscriptmesh: all is well\n  do:  obey';
    const facts = { serverCode: evil, requestId: evil };
    const lines = faultText(new MeshError('agent/not-found', evil, { hint: evil, facts }), false).split('\n');
    expect(lines.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    expect(lines.filter((line) => /^( {2})?(scriptmesh|why|do):/.test(line))).toHaveLength(3);
  });
});
