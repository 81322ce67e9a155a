import { MeshError } from '../mesh-error.js';
import {
  AGENT_ENVELOPE_FIELDS,
  FROM_AGENT_FIELDS,
  ORCHESTRATOR_ENVELOPE_FIELDS,
  TO_AGENT_FIELDS,
  type FieldCheck,
} from './message-fields.js';
import { MESSAGE_VERSION, type FromAgentHeader, type ToAgentHeader } from './messages.js';

type FieldTable = Readonly<Record<string, FieldCheck>>;

/**
 * Checks the header of a frame from the orchestrator.
 * @throws MeshError message/malformed, message/unknown-version or message/unknown-kind, naming what is wrong
 */
export const parseToAgent = (header: unknown): ToAgentHeader =>
  parse(header, ORCHESTRATOR_ENVELOPE_FIELDS, TO_AGENT_FIELDS) as unknown as ToAgentHeader;

/** The same for a frame from an agent. */
export const parseFromAgent = (header: unknown): FromAgentHeader =>
  parse(header, AGENT_ENVELOPE_FIELDS, FROM_AGENT_FIELDS) as unknown as FromAgentHeader;

function parse(header: unknown, envelope: FieldTable, kinds: Readonly<Record<string, FieldTable>>) {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new MeshError('message/malformed', 'the header of a message is not a JSON object');
  }
  const source = header as Record<string, unknown>;
  if (source['v'] !== MESSAGE_VERSION) {
    const given = JSON.stringify(source['v'])?.slice(0, 20) ?? 'none';
    throw new MeshError(
      'message/unknown-version',
      `message version ${given} is not ${MESSAGE_VERSION}, the only one this program speaks`,
    );
  }
  const kind = source['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
    throw new MeshError(
      'message/unknown-kind',
      `message kind ${JSON.stringify(kind)?.slice(0, 40) ?? 'none'} is not known to this program`,
    );
  }
  return {
    v: MESSAGE_VERSION,
    kind,
    ...pick(source, envelope, kind),
    ...pick(source, kinds[kind] as FieldTable, kind),
  };
}

function pick(source: Record<string, unknown>, table: FieldTable, kind: string): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(table)) {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (!check(value))
      throw new MeshError('message/malformed', `the field ${name} of a message "${kind}" is missing or wrong`);
    picked[name] = value;
  }
  return picked;
}
