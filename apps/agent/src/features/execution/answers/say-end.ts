import type { FromAgent } from '@scriptmesh/contracts';
import type { EndRecord, Journal, RunRecord } from '../../journal/index.js';
import type { Outgoing } from '../../link/index.js';
import { answerOfEnd, answerOfRecord } from '../domain/record-answer.js';
import { readTails } from './read-tails.js';

/** What is on record of a run, as a message. The receipt of the question stands in for one that could not be read. */
export async function sayRecord(record: RunRecord, askedReceipt: string, journal: Journal): Promise<Outgoing> {
  const answer = answerOfRecord(record, askedReceipt);
  return record.kind === 'intent' && record.end
    ? withTails(answer, record.end, journal.folderOf(record.runId))
    : { message: answer };
}

/** The end of a run as a message, the last of its output included. */
export function sayEnd(
  about: Parameters<typeof answerOfEnd>[0],
  end: EndRecord,
  facts: { folder: string; isOutputGone: boolean },
): Promise<Outgoing> {
  return withTails(answerOfEnd(about, end, facts), end, facts.folder);
}

/** Whoever says a result says all of it: the first that arrives ends the run, and nothing is taken after that. */
async function withTails(message: FromAgent, end: EndRecord, folder: string): Promise<Outgoing> {
  if (message.kind !== 'result' || end.kind !== 'exit' || !end.tails) return { message };
  const read = await readTails(folder, end.tails);
  return read ? { message: { ...message, tails: read.tails }, bytes: read.bytes } : { message };
}
