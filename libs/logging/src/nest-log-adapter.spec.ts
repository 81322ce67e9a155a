import { describe, expect, it } from 'vitest';
import { MemoryLogger } from '@scriptmesh/testing';
import { NestLogAdapter } from './nest-log-adapter.js';

describe('NestLogAdapter', () => {
  it("makes Nest's chatter debug, and keeps its warnings and errors", () => {
    const log = new MemoryLogger();
    const nest = new NestLogAdapter(log);
    const ended = new Error('ended');
    nest.log('started', 'InstanceLoader');
    nest.verbose('v', 'Router');
    nest.warn({ reason: 'odd' }, 'Router');
    nest.error('failed', 'Error: failed\n    at here', 'ExceptionsHandler');
    nest.fatal(ended);
    expect(log.entries).toEqual([
      { level: 'debug', event: 'nest.log', fields: { text: 'started', context: 'InstanceLoader' } },
      { level: 'debug', event: 'nest.debug', fields: { text: 'v', context: 'Router' } },
      { level: 'warn', event: 'nest.warn', fields: { text: { reason: 'odd' }, context: 'Router' } },
      {
        level: 'error',
        event: 'nest.error',
        fields: { text: 'failed', stack: 'Error: failed\n    at here', context: 'ExceptionsHandler' },
      },
      { level: 'error', event: 'nest.error', fields: { error: ended, context: undefined } },
    ]);
    expect(log.fieldsOf('nest.log')).toHaveLength(1);
  });
});
