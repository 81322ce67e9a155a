import { Test, type TestingModule } from '@nestjs/testing';
import { MAIN_PRINCIPAL, type AgentId, type LegacyReply } from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { AgentLink, HttpAgentLink } from '@scriptmesh/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldLink, SpeakingAgent } from '../../test-support/speaking-agent.js';
import { surroundingsOn } from '../../test-support/surroundings.js';
import { AgentDirectory } from '../registry/index.js';
import { LegacyModule } from './legacy.module.js';
import { RegistrationOf02 } from './registration-of-02.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;
const KEY = 'an-agent-key-for-tests-of-32-chars';
const URL_OF_AGENT = 'http://10.0.0.1:5001';
const BY = { kind: 'operator', id: MAIN_PRINCIPAL } as const;

describe('POST /register-agent for a node that has the new agent', () => {
  let db: Database;
  let nest: TestingModule;
  let link: HeldLink;

  beforeEach(async () => {
    db = await openTestDatabase();
    link = new HeldLink();
    nest = await Test.createTestingModule({ imports: [surroundingsOn(db).module, LegacyModule] })
      .overrideProvider(HttpAgentLink)
      .useValue(link)
      .overrideProvider(AgentLink)
      .useValue(link)
      .compile();
    await nest.init();
    const agent = new SpeakingAgent(AGENT, KEY);
    await agent.insertInto(db, nest.get(SecretBox), nest.get(AgentKeyDigester), 'node-1', URL_OF_AGENT);
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  const register = (url: string, key: string): Promise<LegacyReply> =>
    nest.get(RegistrationOf02).register({ agent_name: 'node-1', url, api_key: key }, BY);
  const transport = async (): Promise<string> => (await nest.get(AgentDirectory).getAgent('node-1')).transport;
  const REGISTERED = { status: 200, json: '{"status":"registered","agent":"node-1"}' };

  it('leaves it as it is while it answers frames', async () => {
    expect(await register(`${URL_OF_AGENT}/`, KEY)).toEqual(REGISTERED);
    expect(await transport()).toBe('http');
  });

  it('takes it for one of 0.2 when it answers none', async () => {
    link.verdict = 'not-sent';
    expect(await register(URL_OF_AGENT, KEY)).toEqual(REGISTERED);
    expect(await transport()).toBe('legacy');
  });

  it('takes it for one of 0.2 when it is at another address', async () => {
    expect(await register('http://10.0.0.1:5002', KEY)).toEqual(REGISTERED);
    expect(await transport()).toBe('legacy');
    expect(link.sent).toEqual([]);
  });

  it('refuses another key without asking', async () => {
    expect((await register(URL_OF_AGENT, 'another-key')).status).toBe(409);
    expect(await transport()).toBe('http');
    expect(link.sent).toEqual([]);
  });
});
