#!/usr/bin/env node
/**
 * `npm run demo [-- --once]`: an orchestrator and an agent on loopback with fresh keys, and one run through the real CLI.
 * It starts the built programs as they are; nothing here is part of them.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const STATE = join(ROOT, '.demo');
const AGENT = 'demo-agent';
const BUILT = { orchestrator: 'dist/orchestrator/bundle/orchestrator.mjs', agent: 'dist/agent.mjs' };
const READY_WITHIN_MS = 30_000;
const once = process.argv.includes('--once');
/** Started programs, in the order of their start. */
const programs = [];
let stopping = false;

const say = (text) => process.stdout.write(`${text}\n`);

/** Only what a program needs: no key or setting of the caller's shell may leak into the demo. */
function environment(extra) {
  const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'TERM', 'NO_COLOR', 'SystemRoot'];
  const base = Object.fromEntries(kept.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
  return { ...base, ...extra };
}

/** Starts a program and resolves with the address of its ready line. */
function startProgram(name, env) {
  const child = spawn(process.execPath, [join(ROOT, BUILT[name])], {
    cwd: STATE,
    env: environment({ SCRIPT_MESH_HOME: join(STATE, name), SCRIPT_MESH_LOG_LEVEL: 'warn', ...env }),
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // Ctrl-C reaches only this script, which then stops the programs in order.
  });
  const program = { name, child, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1))) };
  programs.push(program);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the ${name} was not ready within 30 s`)), READY_WITHIN_MS);
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
      const ready = / ready on (\S+)/.exec(output);
      if (!ready) return;
      clearTimeout(timer);
      resolve(ready[1]);
    });
    void program.ended.then((code) => {
      clearTimeout(timer);
      reject(new Error(`the ${name} ended with exit code ${code}; its message stands above`));
      if (!stopping && output.includes(' ready on ')) void stop(1);
    });
  });
}

/** The agent has registered and told its manifest. */
async function waitForAgent(url, key) {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    const answer = await fetch(`${url}/api/v1/agents/${AGENT}/scripts`, { headers: { 'x-api-key': key } }).catch(
      () => null,
    );
    const page = answer?.ok ? await answer.json() : null;
    if (page?.items.some((script) => script.name === 'hello_world')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the agent did not register within 30 s');
}

/** The real CLI, as a user would type it; resolves with its exit code. */
function runCli(env, ...words) {
  say(`\n$ scriptmesh ${words.join(' ')}`);
  const cli = spawn(process.execPath, [join(ROOT, 'bin/scriptmesh.mjs'), ...words], {
    env: environment(env),
    stdio: 'inherit',
  });
  return new Promise((resolve) => cli.once('exit', (code) => resolve(code ?? 1)));
}

/** A stopped agent leaves its scripts to its supervisor, which ends them when it is ended itself. */
async function endScripts() {
  const record = join(STATE, 'agent/spool/supervisor.json');
  if (!existsSync(record)) return;
  const { pid } = JSON.parse(readFileSync(record, 'utf8'));
  try {
    process.kill(pid, 'SIGTERM');
    for (const until = Date.now() + 10_000; Date.now() < until; process.kill(pid, 0)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } catch {
    // It is gone.
  }
}

/** Ends the programs, the last started first, and this script with `code`. */
async function stop(code) {
  if (stopping) return;
  stopping = true;
  for (const program of programs.toReversed()) {
    program.child.kill('SIGTERM');
    const killer = setTimeout(() => program.child.kill('SIGKILL'), 10_000);
    await program.ended;
    clearTimeout(killer);
    if (program.name === 'agent') await endScripts();
  }
  process.exit(code);
}

async function main() {
  rmSync(STATE, { recursive: true, force: true });
  mkdirSync(STATE, { recursive: true, mode: 0o700 });
  const port = process.env['SCRIPT_MESH_PORT'] ?? '8000';
  const agentPort = process.env['SCRIPT_MESH_AGENT_PORT'] ?? '5001';

  const url = await startProgram('orchestrator', { SCRIPT_MESH_PORT: port });
  const keyFile = join(STATE, 'orchestrator/cfg/main.key');
  await startProgram('agent', {
    SCRIPT_MESH_AGENT_PORT: agentPort,
    SCRIPT_MESH_AGENT_NAME: AGENT,
    SCRIPT_MESH_MAIN_KEY_FILE: keyFile,
    ORCHESTRATOR_URL: url,
  });
  await waitForAgent(url, readFileSync(keyFile, 'utf8').trim());
  say(`orchestrator ready on ${url}, agent "${AGENT}" registered`);

  const code = await runCli(
    { ORCHESTRATOR_URL: url, SCRIPT_MESH_API_KEY_FILE: keyFile },
    'run',
    'hello_world',
    '-a',
    AGENT,
  );
  say(`exit code ${code}`);
  if (once) return stop(code);

  const shown = '.demo/orchestrator/cfg/main.key';
  say(`
Swagger UI:     ${url}/docs
Authorise with: the button "Authorize" there, and this key:  cat ${shown}
Try in another terminal:
  export ORCHESTRATOR_URL=${url} SCRIPT_MESH_API_KEY_FILE=${shown}
  npm run --silent cli -- run hello_world -a ${AGENT}
  npm run --silent cli -- agents list
  npm run --silent cli -- runs list
The agent runs what .demo/agent/cfg/script_manifest.json lists. Ctrl-C stops all of it.`);
}

process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
main().catch((error) => {
  if (!stopping) process.stderr.write(`demo: ${error.message}\n`);
  void stop(1);
});
