import { describe, expect, it } from 'vitest';
import type { AgentId } from '@scriptmesh/contracts';
import { CountedIds, MovedClock } from '@scriptmesh/testing';
import { AGENT_KEY, AgentHome, KeptLog, runIdOf } from '../../test-support/agent-home.js';
import { OwnId } from '../link/index.js';
import { Registrar } from './registrar.js';
import { RegistrationApi, type Registration, type RegistrationAnswer } from './registration-api.js';

const AGENT_ID = runIdOf(7) as string as AgentId;
const MAIN = 'main-key-of-a-test-0123456789-abcdefgh';
const REGISTRATION: Registration = {
  name: 'a',
  url: 'http://a',
  key: AGENT_KEY,
  transport: 'http',
  labels: {},
  facts: {},
};

class ScriptedApi extends RegistrationApi {
  readonly keys: string[] = [];
  constructor(readonly answers: RegistrationAnswer[]) {
    super();
  }
  override async register(_: Registration, apiKey: string): Promise<RegistrationAnswer> {
    this.keys.push(apiKey);
    return this.answers.shift() ?? { kind: 'registered', agentId: AGENT_ID };
  }
}
class MemoryOwnId extends OwnId {
  constructor(public agentId: AgentId | null) {
    super();
  }
  override async keep(agentId: AgentId): Promise<void> {
    this.agentId = agentId;
  }
}

function aRegistrar(
  answers: RegistrationAnswer[],
  known: AgentId | null = null,
  registrationKey: string | null = MAIN,
) {
  const home = new AgentHome();
  const settings = home.settings({ registrationKey });
  void home.remove();
  const parts = {
    api: new ScriptedApi(answers),
    ownId: new MemoryOwnId(known),
    settings,
    clock: new MovedClock(),
    ids: new CountedIds(),
    log: new KeptLog(),
  };
  return { ...parts, registrar: new Registrar(parts) };
}
const UNREACHABLE: RegistrationAnswer = { kind: 'unreachable', why: 'ECONNREFUSED' };
const KEY_REFUSED: RegistrationAnswer = { kind: 'key-refused', why: 'auth/unauthorized: no' };

describe('the registrar', () => {
  it('is not stopped by a disk that does not take the id', async () => {
    const { registrar, ownId, log } = aRegistrar([]);
    ownId.keep = async () => Promise.reject(new Error('ENOSPC'));
    let registered = 0;
    await registrar.registerUntilDone(REGISTRATION, () => (registered += 1));
    expect([registered, log.lines.map(({ event }) => event)]).toEqual([1, ['agent.id-not-kept', 'agent.registered']]);
  });

  it('uses the registration key the first time and keeps the id it gets', async () => {
    const { registrar, api, ownId, log } = aRegistrar([]);
    await registrar.registerUntilDone(REGISTRATION, () => undefined);
    expect(api.keys).toEqual([MAIN]);
    expect(ownId.agentId).toBe(AGENT_ID);
    expect(log.lines.map(({ event }) => event)).toEqual(['agent.registered']);
  });

  it('uses its own key when it was registered before, and the registration key only when it is not known any more', async () => {
    const { registrar, api } = aRegistrar([KEY_REFUSED], AGENT_ID);
    await registrar.registerUntilDone(REGISTRATION, () => undefined);
    expect(api.keys).toEqual([AGENT_KEY, MAIN]);
  });

  it('stays registered with 0.2 and notices the day it is replaced', async () => {
    const legacy: RegistrationAnswer = { kind: 'registered-with-0.2' };
    const { registrar, api, clock, log } = aRegistrar([legacy, legacy, legacy]);
    let isDone = false;
    const done = registrar.registerUntilDone(REGISTRATION, () => (isDone = true));
    await clock.advance(29_000);
    expect(api.keys).toHaveLength(1);
    for (let i = 0; i < 20; i += 1) await clock.advance(10_000);
    expect(isDone).toBe(true);
    await done;
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(90_000);
    expect(api.keys).toHaveLength(4);
    expect(log.lines.map(({ event }) => event)).toEqual(['agent.registered-with-0.2', 'agent.registered']);
  });

  it('tries for ever while the orchestrator is away, at most 30 s apart', async () => {
    const { registrar, api, clock } = aRegistrar(Array.from({ length: 20 }, () => UNREACHABLE));
    let isDone = false;
    const done = registrar.registerUntilDone(REGISTRATION, () => (isDone = true));
    await clock.advance(0);
    await clock.advance(1_499);
    expect(api.keys).toHaveLength(1);
    await clock.advance(1);
    expect(api.keys).toHaveLength(2);
    for (let n = 0; n < 20; n += 1) await clock.advance(30_000);
    await done;
    expect(isDone).toBe(true);
    expect(api.keys).toHaveLength(21);
  });

  it('says what to do when its name is taken, and asks again only now and then', async () => {
    const taken: RegistrationAnswer = {
      kind: 'refused',
      why: 'agent/name-taken: a is taken',
      hint: 'Choose another name.',
    };
    const { registrar, api, clock, log } = aRegistrar([taken]);
    const done = registrar.registerUntilDone(REGISTRATION, () => undefined);
    await clock.advance(0);
    await clock.advance(29_000);
    expect(api.keys).toHaveLength(1);
    expect(log.lines[0]).toMatchObject({ level: 'error', fields: { why: taken.why, hint: 'Choose another name.' } });
    await clock.advance(31_000);
    await done;
    expect(log.text()).not.toContain(MAIN);
  });

  it('does not storm an orchestrator that forgets it again and again, and stops when it is told to', async () => {
    const { registrar, api, clock } = aRegistrar([]);
    await registrar.registerUntilDone(REGISTRATION, () => undefined);
    const second = registrar.registerUntilDone(REGISTRATION, () => undefined);
    await clock.advance(4_999);
    expect(api.keys).toHaveLength(1);
    await clock.advance(1);
    await second;
    expect(api.keys).toHaveLength(2);
    const third = registrar.registerUntilDone(REGISTRATION, () => undefined);
    registrar.stop();
    await third;
    expect(api.keys).toHaveLength(2);
    expect(clock.waitingTimers).toBe(0);
  });
});
