import type { View } from '../../output/view.js';
import type { SchemaNode } from '../../ports/manifest-schema.js';
import type { ManifestField } from './manifest-fields.js';

export const FIELD_VIEW: View<ManifestField> = {
  nameOf: (field) => field.path,
  columns: [
    { head: 'field', text: (field) => field.path },
    { head: 'type', text: ({ schema }) => typeOf(schema) },
    { head: 'required', text: (field) => (field.required ? 'yes' : 'no') },
    { head: 'meaning', text: ({ schema }) => meaningOf(schema) },
  ],
};

/** One field for people: what it is called, what it means, which values it takes. */
export function fieldText({ path, required, schema }: ManifestField, inside: readonly string[]): string {
  const lines = [
    `${path} (${typeOf(schema)}, ${required ? 'required' : 'optional'})`,
    ...(meaningOf(schema) === '' ? [] : [`  ${meaningOf(schema)}`]),
    ...limitsOf(schema).map((limit) => `  ${limit}`),
    ...(inside.length === 0 ? [] : ['Fields inside:', ...inside.map((name) => `  ${name}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

const meaningOf = (schema: SchemaNode): string => schema.description ?? '';

const typeOf = ({ type = 'any', items }: SchemaNode): string =>
  items?.type === undefined ? type : `${type} of ${items.type}s`;

const LIMITS: Readonly<Record<string, (value: unknown) => string>> = {
  minimum: (value) => `at least ${String(value)}`,
  maximum: (value) => `at most ${String(value)}`,
  maxLength: (value) => `at most ${String(value)} characters`,
  maxItems: (value) => `at most ${String(value)} entries`,
  enum: (value) => `one of ${[value].flat().join(', ')}`,
  default: (value) => `default: ${JSON.stringify(value)}`,
  pattern: (value) => `matches ${String(value)}`,
};

const limitsOf = (schema: SchemaNode): string[] =>
  Object.entries(LIMITS).flatMap(([key, tell]) => (schema[key] === undefined ? [] : [tell(schema[key])]));
