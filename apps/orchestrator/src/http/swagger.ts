import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { readVersion } from '../version.js';

const DESCRIPTION = `Runs approved scripts on a mesh of machines. A run names an agent and a script of that agent's own manifest.

To try it here: press **Authorize**, give your key, then **POST /api/v1/runs** with \`Prefer: wait=30\` shows the finished run with its output.`;

/** The API's document, made from the controllers and DTOs. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('ScriptMesh')
    .setDescription(DESCRIPTION)
    .setVersion(readVersion())
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'x-api-key',
        description: 'The main key, from cfg/main.key of the orchestrator',
      },
      'key',
    )
    .addSecurityRequirements('key')
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
}

/** Swagger UI at /docs, the document at /openapi.json. */
export function serveSwagger(app: INestApplication, document: OpenAPIObject): void {
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'ScriptMesh API',
    swaggerOptions: {
      displayRequestDuration: true,
      persistAuthorization: false,
      tryItOutEnabled: false,
      docExpansion: 'list',
    },
  });
}
