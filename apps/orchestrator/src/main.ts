import 'reflect-metadata';
import { runOrchestrator } from './run-orchestrator.js';

process.exitCode = await runOrchestrator(process.argv.slice(2));
