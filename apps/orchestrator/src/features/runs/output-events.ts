import { MeshError, type PerStream } from '@scriptmesh/contracts';

export { encodePiece } from '../../http/encode-piece.js';

/** The next byte of each stream. */
export type Position = PerStream<number>;

const EVENT_ID = /^(\d{1,15})-(\d{1,15})$/;

/** One server-sent event; its id `<stdout>-<stderr>` says where to go on after it. */
export const formatEvent = (event: string, data: object, at: Position): string =>
  `id: ${at.stdout}-${at.stderr}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** @throws MeshError request/malformed */
export function readLastEventId(header: string | undefined): Position {
  if (header === undefined || header === '') return { stdout: 0, stderr: 0 };
  const match = EVENT_ID.exec(header);
  if (!match) throw new MeshError('request/malformed', 'the header Last-Event-ID is not one of this stream');
  return { stdout: Number(match[1]), stderr: Number(match[2]) };
}
