/** What the fault run is asked for on its command line. */
import { parseArgs } from 'node:util';
import { KINDS } from './fault-kinds.mjs';

const TRANSPORTS = { http: ['http', 'http', 'http'], websocket: ['websocket', 'websocket', 'websocket'] };
const BY_CHOICE = { ...TRANSPORTS, both: ['http', 'websocket', 'http'] };

const SWITCHES = /** @type {const} */ ({
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string', default: '1' },
  transport: { type: 'string', default: 'both' },
  store: { type: 'string', default: 'sqlite' },
  rate: { type: 'string', default: '4' },
  without: { type: 'string', default: '' },
  keep: { type: 'boolean', default: false },
});

/**
 * @param {string[]} args
 * @throws Error that says which switch is wrong and what it takes
 */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: SWITCHES });
  const options = {
    minutes: aNumber('minutes', values.minutes, 0.5),
    seed: aNumber('seed', values.seed, 0),
    transport: oneOf('transport', values.transport, Object.keys(BY_CHOICE)),
    store: oneOf('store', values.store, ['sqlite', 'postgres']),
    /** Runs asked for each second, on average. */
    rate: aNumber('rate', values.rate, 0.1),
    /** Kinds of faults that this machine cannot have; without this a fault that never happens fails the run. */
    without: values.without.split(',').filter(Boolean),
    /** Keeps the folder of the run even when nothing is wrong. */
    keep: values.keep,
  };
  for (const kind of options.without) oneOf('without', kind, KINDS);
  return { ...options, transports: BY_CHOICE[options.transport] };
}

function aNumber(name, text, least) {
  const number = Number(text);
  if (text === '' || !Number.isFinite(number) || number < least)
    throw new Error(`--${name} takes a number from ${least} on, not "${text}"`);
  return number;
}

function oneOf(name, text, known) {
  if (!known.includes(text)) throw new Error(`--${name} takes ${known.join(', ')}, not "${text}"`);
  return text;
}
