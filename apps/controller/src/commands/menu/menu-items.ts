import { Injectable } from '@nestjs/common';
import { ApiAccess } from '../../access/api-access.js';
import { Keyboard } from '../../ports/keyboard.js';
import { Terminal } from '../../ports/terminal.js';
import { choose } from './choose.js';

interface MenuItem {
  readonly key: string;
  readonly title: string;
  /** Asks for what the command needs; null when the user has thought better of it. @throws MeshError, PromptLeft */
  readonly words: () => Promise<readonly string[] | null>;
}

/** The menu of 0.2. Each item only finds out the command line that does what was chosen. */
@Injectable()
export class MenuItems {
  constructor(
    private readonly access: ApiAccess,
    private readonly terminal: Terminal,
    private readonly keyboard: Keyboard,
  ) {}

  readonly all: readonly MenuItem[] = [
    { key: '1', title: 'read file', words: () => this.#readFile() },
    { key: '2', title: 'list agents', words: async () => ['agents', 'list'] },
    { key: '3', title: 'list scripts on agent', words: () => this.#listScripts() },
    { key: '4', title: 'trigger script on agent', words: () => this.#triggerScript() },
  ];

  async #readFile(): Promise<readonly string[] | null> {
    const path = await this.keyboard.askLine('Path of the file: ');
    if (path.trim() === '') return null;
    return ['files', 'read', ...(path.startsWith('-') ? ['--'] : []), path];
  }

  async #listScripts(): Promise<readonly string[] | null> {
    const agent = await this.#chooseAgent();
    return agent === null ? null : ['scripts', 'list', '-a', agent];
  }

  async #triggerScript(): Promise<readonly string[] | null> {
    const agent = await this.#chooseAgent();
    if (agent === null) return null;
    const scripts = await this.access.client().agentScripts(agent);
    const choices = scripts.map(({ name, problem, description }) => ({ name, remark: problem ?? description ?? '' }));
    const script = await this.#choose('Script', choices, 'The agent lists no scripts.');
    return script === null ? null : ['run', script, '-a', agent];
  }

  async #chooseAgent(): Promise<string | null> {
    const agents = await this.access.client().listAgents();
    const choices = agents.map(({ name, liveness }) => ({ name, remark: liveness }));
    return this.#choose('Agent', choices, 'No agent has registered yet.');
  }

  async #choose(what: string, choices: Parameters<typeof choose>[1], nothing: string): Promise<string | null> {
    if (choices.length > 0) return choose(what, choices, { terminal: this.terminal, keyboard: this.keyboard });
    await this.terminal.err(`${nothing}\n`);
    return null;
  }
}
