import { Test } from '@nestjs/testing';
import type { Principal } from '@scriptmesh/auth';
import { agentPrincipal, MAIN_PRINCIPAL, type AgentId } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { beforeEach, expect, it } from 'vitest';
import { surroundingsOn } from '../../test-support/surroundings.js';
import { AuditModule } from '../audit/index.js';
import { SqlAgentsStore } from './adapters/sql-agents.store.js';
import { AgentsStore } from './agents.store.js';
import type { Registration } from './domain/registration.js';
import { KeyKeeper } from './key-keeper.js';
import { RegistrationService, RegistrationSurroundings } from './registration.service.js';

const OPERATOR: Principal = { kind: 'operator', id: MAIN_PRINCIPAL };
const agentWith = (id: AgentId): Principal => ({ kind: 'agent', id: agentPrincipal(id), agentIds: [id] });
const KEY = 'an-agent-key-for-tests-of-32-chars';
const OTHER_KEY = 'another-key-for-tests-of-32-chars!';

const aRegistration = (overrides: Partial<Registration> = {}): Registration => ({
  name: 'db-1',
  url: 'http://10.0.0.1:5001',
  key: KEY,
  transport: 'http',
  labels: undefined,
  facts: { os: 'linux' },
  ...overrides,
});

describeOnEveryDatabase('registration', (openDb) => {
  let db: Database;
  let service: RegistrationService;
  beforeEach(async () => {
    db = await openDb();
    const { module } = surroundingsOn(db);
    const nest = await Test.createTestingModule({
      imports: [module, AuditModule],
      providers: [
        { provide: AgentsStore, useClass: SqlAgentsStore },
        KeyKeeper,
        RegistrationService,
        RegistrationSurroundings,
      ],
    }).compile();
    service = nest.get(RegistrationService);
  });

  const rows = () => db.read.selectFrom('agents').selectAll().execute();
  const actions = async () =>
    (await db.read.selectFrom('audit').selectAll().orderBy('seq').execute()).map(({ action }) => action);

  it('takes a new agent in, its key as a token and a digest that do not tell it', async () => {
    const { agentId, created } = await service.register(aRegistration({ labels: { site: 'north' } }), OPERATOR);
    const [row] = await rows();
    expect(created).toBe(true);
    expect(row).toMatchObject({ id: agentId, name: 'db-1', url: 'http://10.0.0.1:5001', epoch: 0, journal_id: null });
    expect(JSON.stringify(row)).not.toContain(KEY);
    expect(JSON.parse(row?.labels ?? '')).toEqual({ site: 'north' });
    expect(await actions()).toEqual(['agent.registered']);
  });

  it('brings a known agent up to date when it comes with its own key, and keeps labels that it does not name', async () => {
    const { agentId } = await service.register(aRegistration({ labels: { site: 'north' } }), OPERATOR);
    const again = await service.register(aRegistration({ url: null, facts: { os: 'bsd' } }), agentWith(agentId));
    const [row] = await rows();
    expect(again).toEqual({ agentId, created: false });
    expect(row).toMatchObject({ url: null, facts: '{"os":"bsd"}', labels: '{"site":"north"}' });
  });

  it.each([
    ['the main key', OPERATOR],
    ['an agent', undefined],
  ])(
    'answers 409 to a known name with another key, changes nothing and audits it, whoever asks: %s',
    async (_who, by) => {
      const { agentId } = await service.register(aRegistration(), OPERATOR);
      const before = await rows();
      await expect(
        service.register(aRegistration({ key: OTHER_KEY, url: 'http://10.0.0.9:1' }), by ?? agentWith(agentId)),
      ).rejects.toMatchObject({ code: 'agent/name-taken', status: 409 });
      expect(await rows()).toEqual(before);
      expect(await actions()).toEqual(['agent.registered', 'agent.refused']);
    },
  );

  it("lets an agent's key register nothing but its own agent", async () => {
    const { agentId } = await service.register(aRegistration(), OPERATOR);
    await service.register(aRegistration({ name: 'db-2', key: OTHER_KEY }), OPERATOR);
    for (const name of ['db-2', 'db-3']) {
      await expect(service.register(aRegistration({ name, key: OTHER_KEY }), agentWith(agentId))).rejects.toMatchObject(
        { status: 403 },
      );
    }
    expect(await rows()).toHaveLength(2);
  });

  it('refuses a name that differs from a known one only in case', async () => {
    await service.register(aRegistration(), OPERATOR);
    await expect(service.register(aRegistration({ name: 'DB-1' }), OPERATOR)).rejects.toMatchObject({ status: 400 });
    expect(await rows()).toHaveLength(1);
  });

  it('lets one of many registrations of a name win when all come at once with different keys', async () => {
    const keys = Array.from({ length: 8 }, (_, i) => `${KEY}-${i}`);
    const outcomes = await Promise.allSettled(keys.map((key) => service.register(aRegistration({ key }), OPERATOR)));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.length - refused.length).toBe(1);
    for (const outcome of refused) expect(outcome.reason).toMatchObject({ code: 'agent/name-taken' });
    expect(await rows()).toHaveLength(1);
  });

  it('takes a new key for an agent whose key was given up, from the main key alone, and keeps the agent', async () => {
    const { agentId } = await service.register(aRegistration(), OPERATOR);
    await db.write((trx) => trx.updateTable('agents').set({ key_token: '', key_digest: '' }).execute());
    await expect(service.register(aRegistration(), agentWith(agentId))).rejects.toMatchObject({ status: 409 });
    expect(await service.register(aRegistration({ key: OTHER_KEY }), OPERATOR)).toEqual({ agentId, created: false });
    const [row] = await rows();
    expect(row?.key_token).not.toBe('');
  });

  it('stores what looks like SQL as it is', async () => {
    const facts = { note: `'; drop table agents; --`, percent: '%_' };
    await service.register(aRegistration({ facts, labels: { a: `"'\\` } }), OPERATOR);
    const [row] = await rows();
    expect(JSON.parse(row?.facts ?? '')).toEqual(facts);
  });
});
