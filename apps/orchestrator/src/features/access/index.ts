export { AccessModule } from './access.module.js';
export { KeyCheckMiddleware } from './key-check.middleware.js';
