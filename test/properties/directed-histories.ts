import type { History, StepKind } from './history.js';
import { NETWORK_MODES, type NetworkMode } from './hostile-network.js';

type Word = readonly [kind: Exclude<StepKind, 'network'>, pick?: number] | NetworkMode;

/** Steps in the order in which they are taken; a bare word is what the network does from then on. */
const tell = (rollsBack: History['rollsBack'], ...words: readonly Word[]): History => ({
  seed: 1,
  rollsBack,
  isDirected: true,
  steps: words.map((word) =>
    typeof word === 'string'
      ? { kind: 'network', pick: NETWORK_MODES.indexOf(word) }
      : { kind: word[0], pick: word[1] ?? 0 },
  ),
});

/** Asks the first agent; each of them for a run of its own that may be delivered within some minutes. */
const ONE = ['ask', 8] as const;
const TWO = ['ask', 10] as const;
const THREE = ['ask', 2] as const;
const FOUR = ['ask', 12] as const;
/** The script of this one is listed or not (`relist`). */
const FLAKY = ['ask', 4] as const;
const LATE_IN_SECONDS = ['ask', 0] as const;
const KEPT_RECORDS_AND_MORE: readonly Word[] = [['exit'], TWO, ['exit'], THREE, ['exit'], FOUR, ['exit']];

/** The first offer is on its way, the second was not sent, the run is cancelled, and the first one arrives. */
const OFFER_ON_ITS_WAY = tell('spool', 'held', ONE, 'not-sent', ['minute'], ['cancel'], 'through', ['deliver']);

/** Rare meetings of faults, written down: each shows the planted bug of its name. */
export const DIRECTED = {
  /** The offer of a refused run comes once more when its script is listed again. */
  noFenceForRefusal: tell('spool', ['relist'], 'twice', FLAKY, ['relist'], 'through', ['deliver']),
  /** The hello of a journal between two wipes comes after that of the last one, under which a run runs. */
  helloWithoutEpoch: tell(
    'spool',
    'held',
    ['wipeSpool'],
    'through',
    ['wipeSpool'],
    ONE,
    ['deliver'],
    ['minute', 59_000],
  ),
  /** The first of two copies of an offer finds no slot, the run is cancelled, and the second one finds a slot. */
  busyLowersDoubt: tell(
    'spool',
    ONE,
    TWO,
    ['crashOrchestrator'],
    'twice',
    THREE,
    ['cancel', 2],
    'through',
    ['exit'],
    ['deliver'],
  ),
  doubtNotRaised: OFFER_ON_ITS_WAY,
  claimedAfterSend: OFFER_ON_ITS_WAY,
  /** The spool lacks nothing but a fence, and the offer that it kept out comes again. */
  countIntentsOnly: tell(
    'spool',
    ['copySpool'],
    'twice',
    ['relist'],
    FLAKY,
    'through',
    ['relist'],
    ['rollBackAnyway'],
    ['deliver'],
  ),
  /** A pruned run is offered again after a restart of the agent. */
  floorNotDurable: tell(
    'spool',
    'twice',
    ONE,
    'through',
    ...KEPT_RECORDS_AND_MORE,
    ['crashAgent'],
    ['startAgent'],
    ['deliver'],
  ),
  /** The store is put back to where a run was on its way that has ended since. */
  doneTakenForFence: tell('store', 'held', ONE, ['backup'], 'through', ['deliver'], ['exit'], ['rollBack']),
  /** A copy of an offer comes too late for the run that the first one has started; nobody has heard of that yet. */
  staleBeforeRecord: tell('spool', 'held', LATE_IN_SECONDS, ['repeat'], ['minute'], 'through', ['deliver']),
  /** The store is put back to where a run was on its way that the agent has forgotten since, and the run is cancelled. */
  cancelIgnoresFloor: tell(
    'store',
    'held',
    ONE,
    ['backup'],
    'through',
    ['deliver'],
    ...KEPT_RECORDS_AND_MORE,
    ['rollBack'],
    ['cancel'],
  ),
  /** An old spool is put back, and the offer that it lacks comes again before the agent hears that it is old. */
  noWelcome: tell('spool', ['copySpool'], 'twice', ONE, 'through', ['minute'], 'held', ['rollBackAnyway'], ['deliver']),
  /** A run was executed out of the queue, the spool is wiped, and the store is put back to where the run was queued. */
  restoreUnmarked: tell(
    'store',
    'not-sent',
    ONE,
    ['backup'],
    'through',
    ['minute'],
    ['exit'],
    ['wipeSpool'],
    ['crashAgent'],
    'not-sent',
    ['rollBack'],
    'held',
    ['startAgent'],
    'not-sent',
    ['deliver'],
    ['deliver'],
    ['deliver'],
    ['deliver'],
    'through',
    ['minute'],
  ),
  /** The spool of a retired journal is put back, and the offer that it lacks comes again. */
  retiredAccepted: tell(
    'spool',
    ['copySpool'],
    'twice',
    ONE,
    'through',
    ['exit'],
    ['wipeSpool'],
    ['rollBackAnyway'],
    ['deliver'],
  ),
  /** The spool of a retired journal is put back: the agent is of no use until it takes a new one. */
  retiredIgnored: tell('spool', ['copySpool'], ['wipeSpool'], ['rollBackAnyway'], ONE),
  /** A run was lost by the silence of its agent, which then reports how it ended. */
  overwriteFinal: tell('spool', ONE, ['minute'], 'held', ['exit'], ['longSilence'], 'through', ['minute']),
  /** Another agent says that a run was lost. */
  ownerUnchecked: tell('spool', ONE, ['minute'], ['forge', 7]),
} as const;
