import { Injectable } from '@nestjs/common';
import { createColors } from 'picocolors';
import type { Page } from '@scriptmesh/contracts';
import { Terminal } from '../ports/terminal.js';
import { escapeLine } from './escape-controls.js';
import { toJson } from './json.js';
import type { OutputFormat } from './output-format.js';
import { toFields, toTable } from './table.js';
import type { View } from './view.js';

/** Shows resources in the format that was asked for: data to stdout, remarks to stderr. */
@Injectable()
export class Printer {
  constructor(private readonly terminal: Terminal) {}

  async page<T>(format: OutputFormat, page: Page<T>, view: View<T>, nothing: string): Promise<void> {
    if (format === 'table' && page.items.length === 0) return this.remark(nothing);
    await this.terminal.out(this.#list(format, page, view));
    if (page.next !== null && (format === 'table' || format === 'name')) {
      await this.remark(`There are more: add --cursor ${escapeLine(page.next)}`);
    }
  }

  async one<T extends object>(format: OutputFormat, item: T, nameOf: (item: T) => string): Promise<void> {
    const colors = createColors(this.terminal.outHasColors);
    const texts = {
      table: () => toFields(item, colors),
      json: () => `${toJson(item, 2)}\n`,
      ndjson: () => `${toJson(item)}\n`,
      name: () => `${escapeLine(nameOf(item))}\n`,
    };
    await this.terminal.out(texts[format]());
  }

  /** A line for people, on stderr. */
  remark(text: string): Promise<void> {
    return this.terminal.err(`${text}\n`);
  }

  #list<T>(format: OutputFormat, page: Page<T>, view: View<T>): string {
    const lines = (text: (item: T) => string): string => page.items.map((item) => `${text(item)}\n`).join('');
    switch (format) {
      case 'table':
        return toTable(page.items, view, createColors(this.terminal.outHasColors));
      case 'json':
        return `${toJson(page, 2)}\n`;
      case 'ndjson':
        return lines((item) => toJson(item));
      case 'name':
        return lines((item) => escapeLine(view.nameOf(item)));
    }
  }
}
