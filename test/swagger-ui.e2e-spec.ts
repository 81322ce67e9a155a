import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh } from './support/mesh.js';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.skipIf(!existsSync(CHROMIUM))(`Swagger UI in Chromium (skipped where ${CHROMIUM} is not installed)`, () => {
  const mesh = new Mesh();
  const profile = mkdtempSync(join(tmpdir(), 'scriptmesh-chromium-'));
  let browser: BrowserContext;

  beforeAll(async () => {
    await mesh.start([{ file: 'hello.sh', text: '#!/bin/sh\necho "hello by hand"\n' }]);
    browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await mesh.stop();
    rmSync(profile, { recursive: true, force: true });
  });

  it('runs a script by a manual trigger and shows its output in the answer', async () => {
    const page = await browser.newPage();
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    await page.goto(`${mesh.url}/docs`);
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await page.locator('.auth-container input').first().fill(mesh.mainKey);
    await page.locator('.auth-container').getByRole('button', { name: 'Apply credentials' }).first().click();
    await page.locator('.btn-done').click();

    const operation = page.locator('.opblock-post', { has: page.locator('[data-path="/api/v1/runs"]') });
    await operation.locator('.opblock-summary').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.locator('textarea.body-param__text').fill(JSON.stringify({ agent: AGENT_NAME, script: 'hello' }));
    await operation.locator('tr[data-param-name="Prefer"] input').fill('wait=30');
    await operation.getByRole('button', { name: 'Execute' }).click();

    const answers = operation.locator('.live-responses-table');
    await answers
      .getByText(/hello by hand/)
      .first()
      .waitFor({ timeout: 30_000 });
    expect(await answers.innerText()).toContain('"succeeded"');
    expect(await answers.locator('.response .response-col_status').first().innerText()).toContain('200');
    expect(refused).toEqual([]);
    const screenshots = process.env['SCREENSHOTS'];
    if (screenshots) await page.screenshot({ path: join(screenshots, 'docs.png'), fullPage: true });
  });
});
