import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { databaseContract } from './database.contract.js';

describeOnEveryDatabase('the store', databaseContract);
