import { Injectable } from '@nestjs/common';
import { type CommandRunner, InjectCommander } from 'nest-commander';

/** A command of commander, in the version that nest-commander brings. */
export type CommandNode = Parameters<CommandRunner['setCommand']>[0];
export type OptionNode = CommandNode['options'][number];

/** Holds the root of the commands that nest-commander has built. */
@Injectable()
export class CommandTree {
  readonly root: CommandNode;

  constructor(@InjectCommander() root: unknown) {
    this.root = root as CommandNode;
  }
}
