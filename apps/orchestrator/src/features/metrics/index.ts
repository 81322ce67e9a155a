export { MeteredDatabase } from './metered-database.js';
export { MetricsModule } from './metrics.module.js';
