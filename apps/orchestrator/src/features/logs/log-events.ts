import { MeshError } from '@scriptmesh/contracts';

/** Where a follower is: the next byte, in which file. */
export interface LogPosition {
  readonly offset: number;
  readonly fileId: string;
}

const EVENT_ID = /^(\d{1,15})-([0-9a-f]{16})$/;

/** One server-sent event; its id `<offset>-<fileId>` says where to go on after it. */
export const formatLogEvent = (event: string, data: object, at: LogPosition): string =>
  `id: ${at.offset}-${at.fileId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** null when nothing was followed before. @throws MeshError request/malformed */
export function readLogEventId(header: string | undefined): LogPosition | null {
  if (header === undefined || header === '') return null;
  const match = EVENT_ID.exec(header);
  if (!match) throw new MeshError('request/malformed', 'the header Last-Event-ID is not one of this stream');
  return { offset: Number(match[1]), fileId: match[2] as string };
}
