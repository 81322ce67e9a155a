import { describe, expect, it } from 'vitest';
import { judgePermissions } from './permissions.js';

const AGENT = 1000;
const judge = (mode: number, uid = AGENT, isFolder = false, isLegacy = false) =>
  judgePermissions({ mode, uid, isFolder }, AGENT, isLegacy).is;

describe('permissions', () => {
  it('are fine when only the agent or root can write', () => {
    expect([judge(0o755), judge(0o600, 0), judge(0o700, AGENT, true)]).toEqual(['fine', 'fine', 'fine']);
  });
  it('are refused when the group can write, and only warned of for a 0.2 entry', () => {
    expect([judge(0o664), judge(0o775, 0, true), judge(0o664, AGENT, false, true)]).toEqual([
      'refusal',
      'refusal',
      'warning',
    ]);
  });
  it('are refused when everyone can write, for a 0.2 entry, too', () => {
    expect([judge(0o666), judge(0o646, AGENT, false, true), judge(0o777, AGENT, true, true)]).toEqual([
      'refusal',
      'refusal',
      'refusal',
    ]);
  });
  it('pass for a sticky folder of root, not for one of another, nor for a sticky file', () => {
    expect([judge(0o1777, 0, true), judge(0o1777, AGENT, true), judge(0o1666, 0)]).toEqual([
      'fine',
      'refusal',
      'refusal',
    ]);
  });
  it('are refused when somebody else is the owner', () => {
    expect(judge(0o755, 1001)).toBe('refusal');
  });
});
