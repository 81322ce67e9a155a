import { SettingsError } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { describe, expect, it } from 'vitest';
import { startFaultExitCode } from './start-fault.js';

describe('the exit code of an orchestrator that did not start', () => {
  it.each([
    ['settings that are wrong', new SettingsError([]), 78],
    ['a database of a newer program', new MeshError('store/newer-schema', 'x'), 78],
    ['a database that another program holds', new MeshError('store/locked', 'x'), 78],
    ['a database that is not there yet', new MeshError('store/unavailable', 'x'), 1],
    ['a full disk', new MeshError('store/full', 'x'), 1],
    ['the unforeseen', new Error('x'), 1],
  ])('tells a service manager whether to try again: %s', (_what, error, code) => {
    expect(startFaultExitCode(error)).toBe(code);
  });
});
