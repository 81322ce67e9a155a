import { INTERPRETER, MAX_CONCURRENT, MAX_DESCRIPTION, MAX_TIMEOUT_SECONDS, SHA256 } from './entry-fields.js';
import { MAX_SCRIPTS } from './read-manifest.js';

/**
 * The manifest as JSON Schema, for editors; docs/manifest.schema.json is made from it. The agent itself does not use
 * it: read-manifest.ts gives places and words. Their spec holds the two together.
 */
export const MANIFEST_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'ScriptMesh manifest',
  description: 'cfg/script_manifest.json: the scripts that may run on this node. What is not listed does not exist.',
  type: 'object',
  additionalProperties: false,
  required: ['scripts'],
  properties: {
    $schema: { description: 'For editors. With it, every entry is held to the stricter rules on permissions.' },
    scripts: {
      type: 'array',
      maxItems: MAX_SCRIPTS,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'path'],
        properties: {
          name: {
            description: 'What the script is called by. Names must differ.',
            type: 'string',
            pattern: '^(?!.*\\.\\.)(?!(?:prototype|constructor)$)[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$',
          },
          path: {
            description:
              'The file, as in "scripts/backup.sh" or "backup.sh": always inside the scripts folder, never by a link.',
            type: 'string',
            maxLength: 1024,
            pattern:
              '^(?![/~])(?![A-Za-z]:)(?!(?:.*/)?\\.\\.(?:/|$))(?![./]*$)[^\\\\\\u0000-\\u001f\\u007f\\ud800-\\udfff]+$',
          },
          description: { description: 'One line for people.', type: 'string', maxLength: MAX_DESCRIPTION },
          interpreter: {
            description:
              'A program name or an absolute path, without arguments. Otherwise the shebang line or the ending decides.',
            type: 'string',
            pattern: INTERPRETER.source,
          },
          timeoutSeconds: {
            description: 'After it the script is ended. A request may ask for less, never for more.',
            type: 'integer',
            minimum: 1,
            maximum: MAX_TIMEOUT_SECONDS,
          },
          maxConcurrent: {
            description: 'Runs of this script at the same time on this node.',
            type: 'integer',
            minimum: 1,
            maximum: MAX_CONCURRENT,
          },
          idempotent: {
            description:
              'Running it again does no harm. Runs with "retries" that failed are tried again only when this is true.',
            type: 'boolean',
          },
          sha256: {
            description: 'Of the file, as sha256sum prints it: other bytes do not run.',
            type: 'string',
            pattern: SHA256.source,
          },
        },
      },
    },
  },
} as const;
