/** What Swagger UI shows of the 0.2 routes; their wire is not described by DTOs, since its bytes are fixed. */
const text = (example: string) => ({ type: 'string', example }) as const;

export const TEXTS = {
  registration: {
    type: 'object',
    required: ['agent_name', 'url', 'api_key'],
    properties: {
      agent_name: text('SERVER1_ScriptMesh_Agent'),
      url: text('http://10.0.0.7:5001'),
      api_key: text('an-example-key-that-is-never-a-real-one-123'),
    },
  },
  trigger: {
    type: 'object',
    required: ['run_script', 'agent'],
    properties: { run_script: text('hello_world'), agent: text('SERVER1_ScriptMesh_Agent') },
  },
};

const example = (value: unknown) => ({ type: 'object', example: value }) as const;
const URL = 'http://10.0.0.7:5001';
const SEEN = '2026-11-23T04:00:00.123000';

export const EXAMPLES = {
  health: example({
    status: 'orchestrator_alive',
    timestamp: `${SEEN}+00:00`,
    uptime_seconds: 12,
    registered_agents: 1,
  }),
  registered: example({ status: 'registered', agent: 'SERVER1_ScriptMesh_Agent' }),
  agents: example({ SERVER1_ScriptMesh_Agent: { url: URL, last_seen: SEEN } }),
  status: example({
    SERVER1_ScriptMesh_Agent: { url: URL, last_seen: SEEN, status: 'online', last_checked: SEEN },
  }),
  scripts: example({ scripts: [{ name: 'hello_world', path: 'scripts/hello_world.py' }] }),
  file: example({ content: 'first line\nsecond line\n' }),
  triggered: example({
    status: 'success',
    agent: 'SERVER1_ScriptMesh_Agent',
    output: {
      status: 'success',
      script: 'hello_world',
      output: { stdout: 'Hello from ScriptMesh!', stderr: '', returncode: 0 },
    },
  }),
} as const;
