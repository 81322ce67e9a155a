/** What every transport keeps to, both halves together. Each adapter's spec calls `transportContract`. */
import { MeshError } from '@scriptmesh/contracts';
import type { Frame } from '@scriptmesh/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentAddress, AgentLink } from './agent-link.js';
import type { OrchestratorLink, OwnIdentity } from './orchestrator-link.js';

export type Way = 'to-agent' | 'to-orchestrator';
/** `refused`: nobody listens. `lost-before`: the message never arrives. `lost-after`: its answer does not come back. */
export type WayFault = 'none' | 'refused' | 'lost-before' | 'lost-after';

export interface TransportPair {
  readonly agentLink: AgentLink;
  readonly orchestratorLink: OrchestratorLink;
  readonly address: AgentAddress;
  readonly identity: OwnIdentity;
  breakWay(way: Way, fault: WayFault): Promise<void>;
  /** The orchestrator no longer knows the agent. */
  forgetAgent(): void | Promise<void>;
  /** More time than a peer stays present after its last word. */
  letTimePass(): Promise<void>;
  /** Of a transport that holds a connection: resolves when it stands again after a fault, which may be still in force. */
  openAgain?(): Promise<void>;
  stop(): Promise<void>;
}

const frame = (text: string): Frame => Buffer.from(text);
const textsOf = (frames: readonly Frame[]): string[] => frames.map((one) => Buffer.from(one).toString());

/** A promise that the test resolves (Node 20 has no Promise.withResolvers). */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** `dialledBy`: whether both sides may open a connection or only the agent does. */
export function transportContract(
  name: string,
  makePair: () => Promise<TransportPair>,
  dialledBy: 'either' | 'agent' = 'either',
): void {
  describe(`${name} keeps to the transport contract`, () => {
    let pair: TransportPair;
    let atAgent: string[][];
    let atOrchestrator: string[][];
    let waitingAtAgent: string[];
    let waitingAtOrchestrator: string[];

    beforeEach(async () => {
      [atAgent, atOrchestrator, waitingAtAgent, waitingAtOrchestrator] = [[], [], [], []];
      pair = await makePair();
      pair.orchestratorLink.onFrames(async (_agentId, frames) => {
        atAgent.push(textsOf(frames));
        return waitingAtAgent.splice(0).map(frame);
      });
      pair.agentLink.onFrames(async (_from, frames) => {
        atOrchestrator.push(textsOf(frames));
        return waitingAtOrchestrator.splice(0).map(frame);
      });
    });
    afterEach(() => pair.stop());

    const openAgain = async (): Promise<void> => pair.openAgain?.();
    const toAgent = (...texts: string[]) => pair.agentLink.send(pair.address, texts.map(frame));
    const toOrchestrator = (...texts: string[]) => pair.orchestratorLink.send(pair.identity, texts.map(frame));

    it('carries frames to the agent in order and says sent', async () => {
      expect(await toAgent('one', 'two', 'three')).toBe('sent');
      expect(atAgent).toEqual([['one', 'two', 'three']]);
      expect(atOrchestrator).toEqual([]);
    });

    it('carries frames to the orchestrator in order and says sent', async () => {
      expect(await toOrchestrator('one', 'two', 'three')).toBe('sent');
      expect(atOrchestrator).toEqual([['one', 'two', 'three']]);
      expect(atAgent).toEqual([]);
    });

    it('tells each side under which id the agent is known', async () => {
      const ids: string[] = [];
      pair.orchestratorLink.onFrames(async (agentId) => (ids.push(agentId), []));
      pair.agentLink.onFrames(async (from) => (ids.push(from), []));
      await toAgent('one');
      await toOrchestrator('two');
      expect(ids).toEqual([pair.identity.agentId, pair.identity.agentId]);
    });

    it('hands the answer to the handler before send resolves', async () => {
      waitingAtAgent = ['accepted'];
      expect(await toAgent('offer')).toBe('sent');
      expect(atOrchestrator).toEqual([['accepted']]);

      waitingAtOrchestrator = ['ack'];
      expect(await toOrchestrator('chunk')).toBe('sent');
      expect(atAgent).toEqual([['offer'], ['ack']]);
    });

    it('sends on what the handler makes of an answer, until nobody has anything left to say', async () => {
      pair.orchestratorLink.onFrames(async (_id, frames) => {
        atAgent.push(textsOf(frames));
        return atAgent.length < 4 ? [frame(`agent ${atAgent.length}`)] : [];
      });
      pair.agentLink.onFrames(async (_from, frames) => {
        atOrchestrator.push(textsOf(frames));
        return [frame(`orchestrator ${atOrchestrator.length}`)];
      });
      expect(await toAgent('start')).toBe('sent');
      expect(atAgent).toEqual([['start'], ['orchestrator 1'], ['orchestrator 2'], ['orchestrator 3']]);
      expect(atOrchestrator).toEqual([['agent 1'], ['agent 2'], ['agent 3']]);
    });

    it('ends a conversation in which both sides would answer for ever', async () => {
      let rounds = 0;
      pair.orchestratorLink.onFrames(async () => ((rounds += 1), [frame('and you?')]));
      pair.agentLink.onFrames(async () => [frame('and you?')]);
      expect(await toAgent('hello')).toBe('sent');
      expect(rounds).toBeLessThanOrEqual(101);
    });

    it('fetches what waits at either side by an empty list', async () => {
      waitingAtAgent = ['result'];
      expect(await toAgent()).toBe('sent');
      expect(atOrchestrator).toEqual([['result']]);
      waitingAtOrchestrator = ['offer'];
      expect(await toOrchestrator()).toBe('sent');
      expect(atAgent).toEqual([[], ['offer']]);
    });

    it('works both ways while only the agent can dial', async () => {
      await pair.breakWay('to-agent', 'refused');
      expect(await toAgent('offer')).toBe('not-sent');
      await openAgain();
      waitingAtOrchestrator = ['offer'];
      pair.orchestratorLink.onFrames(async (_id, frames) => (atAgent.push(textsOf(frames)), [frame('accepted')]));
      expect(await toOrchestrator()).toBe('sent');
      expect(atAgent).toEqual([['offer']]);
      expect(atOrchestrator).toEqual([[], ['accepted']]);
    });

    it.runIf(dialledBy === 'either')(
      'works both ways while only the orchestrator can dial, if it ever dials',
      async () => {
        await pair.breakWay('to-orchestrator', 'refused');
        expect(await toOrchestrator('result')).toBe('not-sent');
        waitingAtAgent = ['result'];
        pair.agentLink.onFrames(async (_from, frames) => (atOrchestrator.push(textsOf(frames)), [frame('ack')]));
        expect(await toAgent()).toBe('sent');
        expect(atOrchestrator).toEqual([['result']]);
        expect(atAgent).toEqual([[], ['ack']]);
      },
    );

    it('carries large frames and arbitrary bytes unchanged', async () => {
      const large = Buffer.alloc(3 * 1024 * 1024, Buffer.from([0, 255, 13, 10, 128, 7, 1]));
      const seen: Frame[] = [];
      pair.orchestratorLink.onFrames(
        async (_id, frames) => (seen.push(...frames.map((one) => Buffer.from(one))), [large]),
      );
      pair.agentLink.onFrames(async (_from, frames) => (seen.push(...frames.map((one) => Buffer.from(one))), []));
      expect(await pair.agentLink.send(pair.address, [large])).toBe('sent');
      expect(seen.map((one) => large.equals(one))).toEqual([true, true]);
    });

    it('carries more than fits into one list, in order', async () => {
      const frames = Array.from({ length: 2500 }, (_, index) => frame(`frame ${index}`));
      expect(await pair.orchestratorLink.send(pair.identity, frames)).toBe('sent');
      expect(atOrchestrator.flat()).toEqual(textsOf(frames));
    });

    it('says not-sent of a frame that is too large for any list', async () => {
      expect(await pair.agentLink.send(pair.address, [Buffer.alloc(5 * 1024 * 1024)])).toBe('not-sent');
      expect(atAgent).toEqual([]);
    });

    for (const [fault, verdict, handled] of [
      ['refused', 'not-sent', 0],
      ['lost-before', 'unknown', 0],
      ['lost-after', 'unknown', 1],
    ] as const) {
      it(`says ${verdict} when a message is ${fault}, and never sends it twice`, async () => {
        await pair.breakWay('to-agent', fault);
        await pair.breakWay('to-orchestrator', fault);
        expect(await toAgent('offer')).toBe(verdict);
        await openAgain();
        expect(await toOrchestrator('result')).toBe(verdict);
        expect([atAgent.length, atOrchestrator.length]).toEqual([handled, handled]);
      });

      it(`never says sent, and never sends twice, when a connection that was good is ${fault}`, async () => {
        expect([await toAgent('first'), await toOrchestrator('first')]).toEqual(['sent', 'sent']);
        await pair.breakWay('to-agent', fault);
        await pair.breakWay('to-orchestrator', fault);
        // An idle connection may be dead before we hear of it: then `unknown` is the truth, even if nobody listens now.
        const verdicts = [await toAgent('second'), (await openAgain(), await toOrchestrator('second'))];
        await openAgain();
        for (const one of verdicts) expect(fault === 'refused' ? ['not-sent', 'unknown'] : ['unknown']).toContain(one);
        const third = [await toAgent('third'), (await openAgain(), await toOrchestrator('third'))];
        expect(third).toEqual([verdict, verdict]);
        expect([atAgent.length, atOrchestrator.length]).toEqual([1 + 2 * handled, 1 + 2 * handled]);
        await pair.breakWay('to-agent', 'none');
        await pair.breakWay('to-orchestrator', 'none');
        await openAgain();
        expect([await toAgent('fourth'), await toOrchestrator('fourth')]).toEqual(['sent', 'sent']);
        expect([atAgent.at(-1), atOrchestrator.at(-1)]).toEqual([['fourth'], ['fourth']]);
      });
    }

    it.each(['run/not-found', 'message/bad-mac', 'request/too-large', 'store/unavailable'] as const)(
      'never takes a handler that fails with %s as proof that nothing arrived',
      async (code) => {
        pair.orchestratorLink.onFrames(() => Promise.reject(new MeshError(code, 'no')));
        pair.agentLink.onFrames(() => Promise.reject(new MeshError(code, 'no')));
        expect([await toAgent('offer'), await toOrchestrator('result')]).toEqual(['unknown', 'unknown']);
      },
    );

    it('stays with sent when the handler of the answer fails', async () => {
      waitingAtAgent = ['accepted'];
      pair.agentLink.onFrames(() => Promise.reject(new MeshError('message/bad-mac', 'no')));
      expect(await toAgent('offer')).toBe('sent');
    });

    it('tells presence as transitions, on both sides', async () => {
      const seen: string[] = [];
      pair.agentLink.onPresence((agent, present) =>
        seen.push(`${agent === pair.identity.agentId ? 'agent' : '?'} ${present}`),
      );
      pair.orchestratorLink.onPresence((present) => seen.push(`orchestrator ${present}`));
      await toAgent();
      await toAgent();
      await toOrchestrator();
      expect(seen.toSorted()).toEqual(['agent true', 'orchestrator true']);
      await pair.breakWay('to-agent', 'refused');
      await pair.breakWay('to-orchestrator', 'refused');
      await pair.letTimePass();
      await toAgent();
      await toAgent();
      await toOrchestrator();
      await toOrchestrator();
      expect(seen.slice(2).toSorted()).toEqual(['agent false', 'orchestrator false']);
    });

    it('tells the agent when the orchestrator does not know it any more', async () => {
      let forgotten = 0;
      pair.orchestratorLink.onForgotten(() => (forgotten += 1));
      await toOrchestrator('hello');
      expect(forgotten).toBe(0);
      await pair.forgetAgent();
      expect(await toOrchestrator('hello')).toBe('not-sent');
      expect(forgotten).toBe(1);
    });

    it('sends nothing after close, and closing twice does no harm', async () => {
      await Promise.all([pair.agentLink.close(), pair.orchestratorLink.close()]);
      await Promise.all([pair.agentLink.close(), pair.orchestratorLink.close()]);
      expect([await toAgent('late'), await toOrchestrator('late')]).toEqual(['not-sent', 'not-sent']);
    });

    it('ends what is in flight when it is closed, and cannot say whether it arrived', async () => {
      const arrived = withResolvers();
      const release = withResolvers();
      pair.orchestratorLink.onFrames(async () => (arrived.resolve(), await release.promise, []));
      const verdict = toAgent('offer');
      await arrived.promise;
      await pair.agentLink.close();
      expect(await verdict).toBe('unknown');
      release.resolve();
    });
  });
}
