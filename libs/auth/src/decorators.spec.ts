import { Controller, Get, type ExecutionContext, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN_PRINCIPAL } from '@scriptmesh/contracts';
import { ACCESS_LEVEL, AgentOnly, Open, Registrant } from './access-level.decorator.js';
import { CurrentPrincipal, type RequestWithPrincipal } from './current-principal.decorator.js';
import type { Principal } from './principal.js';

@Controller()
class Routes {
  @Get('who')
  who(@CurrentPrincipal() by: Principal): Principal {
    return by;
  }
  @Get('open')
  @Open()
  open(): void {}
  @Get('agent')
  @AgentOnly()
  agent(): void {}
  @Get('registrant')
  @Registrant()
  registrant(): void {}
}

const operator: Principal = { kind: 'operator', id: MAIN_PRINCIPAL };

describe('decorators', () => {
  let app: INestApplication;
  let found: Principal | undefined;
  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [Routes] }).compile();
    app = module.createNestApplication({ logger: false });
    app.useGlobalGuards({
      canActivate(context: ExecutionContext): boolean {
        const message = context.switchToHttp().getRequest<RequestWithPrincipal>();
        if (found) message.principal = found;
        return true;
      },
    });
    await app.init();
  });
  afterAll(() => app.close());

  it('gives the principal that the guard found', async () => {
    found = operator;
    expect((await request(app.getHttpServer() as never).get('/who')).body).toEqual(operator);
  });

  it('fails rather than act for nobody', async () => {
    found = undefined;
    expect((await request(app.getHttpServer() as never).get('/who')).status).toBe(500);
  });

  it.each([
    ['who', undefined],
    ['open', 'open'],
    ['agent', 'agent'],
    ['registrant', 'registrant'],
  ] as const)('marks %s as %s', (route, level) => {
    expect(Reflect.getMetadata(ACCESS_LEVEL, Routes.prototype[route])).toBe(level);
  });
});
