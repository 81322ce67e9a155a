import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AgentKeyDigester } from './agent-key-digester.js';
import { makeFernetKey } from './fernet.js';

describe('AgentKeyDigester', () => {
  const fernetKey = makeFernetKey();
  const digester = new AgentKeyDigester(fernetKey);

  it('finds the same key again, after a restart too', () => {
    expect(digester.digest('short')).toBe(new AgentKeyDigester(fernetKey).digest('short'));
    expect(digester.digest('short')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tells keys apart', () => {
    expect(digester.digest('one')).not.toBe(digester.digest('two'));
  });

  it('cannot be guessed without the Fernet key', () => {
    expect(digester.digest('short')).not.toBe(createHash('sha256').update('short').digest('hex'));
    expect(digester.digest('short')).not.toBe(new AgentKeyDigester(makeFernetKey()).digest('short'));
  });
});
