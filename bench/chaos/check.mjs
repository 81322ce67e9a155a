/** The checker: reads the whole history of a fault run and tells the figures and every violation. */
import { checkRun } from './check-run.mjs';

/**
 * @typedef {{
 *   kinds: string[],
 *   faults: import('./allowed-losses.mjs').Fault[],
 *   accepted: import('./load.mjs').AcceptedRun[],
 *   refused: string[],
 *   ended: Record<string, import('./check-run.mjs').Ended | null>,
 *   stillLive: string[],
 *   ledger: string[],
 *   idsInStore: string[],
 *   leftOver: string[],
 *   failedStarts: number,
 * }} History `kinds`: the faults that have to happen; `leftOver`: processes that outlived the run, in words; `failedStarts`: of
 *   programs that ended before they were ready and were started again
 * @param {History} history
 */
export function checkHistory(history) {
  const spawns = countBy(history.ledger);
  const violations = [...checkWhole(history, spawns)];
  const states = [];
  const losses = [];
  for (const asked of history.accepted) {
    const ended = history.ended[asked.id];
    if (!ended) continue;
    states.push(ended.run.state);
    if (ended.run.state === 'lost') losses.push(ended.transitions.at(-1)?.cause ?? 'none on record');
    const spawned = spawns[asked.id] ?? 0;
    if (!history.stillLive.includes(asked.id))
      violations.push(...checkRun({ asked, ended, spawns: spawned, faults: history.faults }));
  }
  const happened = countBy(history.faults.filter((fault) => fault.happened).map(({ kind }) => kind));
  const count = (/** @type {string} */ name) => violations.filter(({ violation }) => violation === name).length;
  return {
    figures: {
      accepted: history.accepted.length,
      askedAgain: history.accepted.filter(({ attempts }) => attempts > 1).length,
      spawned: history.ledger.length,
      final: countBy(states),
      lost: countBy(losses),
      truncated: history.accepted.filter(({ id }) => isCut(history.ended[id]?.run)).length,
      duplicates: Object.values(spawns).filter((times) => times > 1).length,
      missing: count('missing') + count('not final in time'),
      wrongBytes: count('wrong bytes'),
      failedStarts: history.failedStarts,
      faults: Object.fromEntries(history.kinds.map((kind) => [kind, happened[kind] ?? 0])),
    },
    violations,
  };
}

/** @param {History} history @param {Record<string, number>} spawns */
function* checkWhole({ kinds, faults, accepted, refused, ended, stillLive, idsInStore, leftOver }, spawns) {
  const ids = new Set(accepted.map(({ id }) => id));
  const each = (violation, details) => details.map((detail) => ({ violation, detail }));
  yield* each(
    'missing',
    [...ids].filter((id) => !ended[id] || !idsInStore.includes(id)),
  );
  yield* each('not final in time', stillLive);
  yield* each(
    'two requests, one run',
    ids.size < accepted.length ? [`${accepted.length} requests, ${ids.size} runs`] : [],
  );
  yield* each(
    'a run that nobody asked for',
    idsInStore.filter((id) => !ids.has(id)),
  );
  yield* each(
    'a spawn that nobody asked for',
    Object.keys(spawns).filter((id) => !ids.has(id)),
  );
  yield* each('a request refused', refused);
  yield* each('left over', leftOver);
  yield* each(
    'a fault that never happened',
    kinds.filter((kind) => !faults.some((f) => f.kind === kind && f.happened)),
  );
}

/** @param {string[]} words @returns {Record<string, number>} */
function countBy(words) {
  const counts = /** @type {Record<string, number>} */ ({});
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Of a lost run nobody knows whether it is whole. */
const isCut = (run) => run?.truncated === true && run.state !== 'lost';
