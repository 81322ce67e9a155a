type Fields = Readonly<Record<string, unknown>>;

/** Events with fields, never output, parameters or environments. The agent's Logger fits. */
export abstract class EventLog {
  abstract info(event: string, fields?: Fields): void;
  abstract warn(event: string, fields?: Fields): void;
  abstract error(event: string, fields?: Fields): void;
}

/** Lines on stderr, which the agent has opened as `logs/ScriptMesh-supervisor.log`. */
export class StderrLog extends EventLog {
  override info = (event: string, fields: Fields = {}): void => write('info', event, fields);
  override warn = (event: string, fields: Fields = {}): void => write('warn', event, fields);
  override error = (event: string, fields: Fields = {}): void => write('error', event, fields);
}

function write(level: string, event: string, fields: Fields): void {
  const words = Object.entries(fields).map(
    ([name, value]) => `${name}=${value instanceof Error ? JSON.stringify(value.message) : JSON.stringify(value)}`,
  );
  process.stderr.write(`${[new Date().toISOString(), level, event, ...words].join(' ')}\n`);
}
