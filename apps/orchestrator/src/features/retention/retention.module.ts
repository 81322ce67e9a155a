/**
 * Retention removes runs that have ended, and their output, when they are too old or too many.
 * It never touches a run that has not ended, nor the audit. It decides nothing about runs; runs shows what is left.
 * Called by its own timer only; nothing imports it.
 */
import { Module } from '@nestjs/common';
import { SqlRetentionStore } from './adapters/sql-retention.store.js';
import { RetentionPass } from './retention-pass.js';
import { RetentionSchedule } from './retention-schedule.js';
import { RetentionStore } from './retention.store.js';

@Module({
  providers: [{ provide: RetentionStore, useClass: SqlRetentionStore }, RetentionPass, RetentionSchedule],
})
export class RetentionModule {}
