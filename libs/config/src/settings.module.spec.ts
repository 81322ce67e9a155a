import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SettingsModule } from './settings.module.js';
import { OrchestratorSettings } from './settings.js';

const settings = Object.freeze({ port: 8123, mainKey: 'canary-key-of-the-settings' }) as OrchestratorSettings;

@Injectable()
class UsesSettings {
  constructor(readonly settings: OrchestratorSettings) {}
}

@Module({ providers: [UsesSettings] })
class Feature {}

describe('SettingsModule', () => {
  afterEach(() => vi.unstubAllEnvs());

  const compile = () =>
    Test.createTestingModule({ imports: [SettingsModule.forRoot(OrchestratorSettings, settings), Feature] }).compile();

  it('gives every module the very settings that were loaded', async () => {
    const module = await compile();
    expect(module.get(UsesSettings, { strict: false }).settings).toBe(settings);
    await module.close();
  });

  it('is not led astray by a variable of the same name', async () => {
    vi.stubEnv('settings', 'not these');
    const module = await compile();
    expect(module.get(UsesSettings, { strict: false }).settings).toBe(settings);
    await module.close();
  });

  it('does not put settings into the environment, where child processes would find them', async () => {
    const module = await compile();
    expect(JSON.stringify(process.env)).not.toContain(settings.mainKey);
    await module.close();
  });
});
