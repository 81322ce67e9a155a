import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OrchestratorSettings } from '@scriptmesh/config';
import { Clock } from '@scriptmesh/runtime';
import { AddressPolicy, guardedConnector } from '@scriptmesh/transport';
import { Client } from 'undici';
import { AgentCredentials, type Agent } from '../../registry/index.js';
import { LegacyAgentCalls, type LegacyAnswer, type StartedCall } from '../legacy-agent-calls.js';
import { OneCall } from './one-call.js';

/** A heartbeat is a line, a manifest a page; the output of a script comes in one piece. */
const SHORT_ANSWER_BYTES = 1024 * 1024;
const RUN_ANSWER_BYTES = 64 * 1024 * 1024;

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** A new connection for each call, no redirect is followed, and only addresses of the policy are dialled. */
@Injectable()
export class HttpLegacyCalls extends LegacyAgentCalls implements OnApplicationShutdown {
  readonly #open = new Set<OneCall>();

  constructor(
    private readonly credentials: AgentCredentials,
    private readonly policy: AddressPolicy,
    private readonly clock: Clock,
    private readonly settings: OrchestratorSettings,
  ) {
    super();
  }

  onApplicationShutdown(): void {
    for (const call of this.#open) call.abort('the orchestrator was stopped');
  }

  override heartbeat(agent: Agent): Promise<LegacyAnswer> {
    return this.#ask(agent, '/heartbeat');
  }

  override getScripts(agent: Agent): Promise<LegacyAnswer> {
    return this.#ask(agent, '/get-scripts');
  }

  override runScript(agent: Agent, script: string, withinMs: number): StartedCall {
    const body = JSON.stringify({ script_name: script });
    const call = new OneCall(this.clock, { withinMs, maxBytes: RUN_ANSWER_BYTES });
    this.#start(agent, { method: 'POST', path: '/run-script', body }, call);
    return call;
  }

  #ask(agent: Agent, path: string): Promise<LegacyAnswer> {
    const withinMs = this.settings.heartbeatTimeoutSeconds * 1000;
    const call = new OneCall(this.clock, { withinMs, maxBytes: SHORT_ANSWER_BYTES });
    this.#start(agent, { method: 'GET', path }, call);
    return call.answer;
  }

  #start(agent: Agent, request: Request, call: OneCall): void {
    this.#open.add(call);
    this.#send(agent, request, call).catch((error: unknown) => call.fail((error as Error).message));
    void call.answer.then(() => this.#open.delete(call));
  }

  async #send({ id, url }: Agent, { method, path, body }: Request, call: OneCall): Promise<void> {
    if (url === null) return call.fail('the agent has no address');
    const { key } = await this.credentials.getCredential(id);
    const { origin, pathname } = new URL(url);
    const client = new Client(origin, {
      connect: guardedConnector(this.policy, this.settings.heartbeatTimeoutSeconds * 1000),
      // The call has a time limit of its own; a script may be silent for hours.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const headers = { 'x-api-key': key, connection: 'close', ...(body === undefined ? {} : JSON_BODY) };
    client.dispatch({ method, path: `${pathname.replace(/\/$/, '')}${path}`, headers, body: body ?? null }, call);
    await call.answer;
    await client.destroy();
  }
}

const JSON_BODY = { 'content-type': 'application/json' };
