/** Places at which a program can be made to die, fail or pause on purpose, for tests. Imports nothing but Node. */
export { FAILPOINTS, programOf, type FailpointName, type FailingProgram } from './catalogue.js';
export { armFailpoints, failpoint, supervisorFailpoints, type Failpoints } from './failpoint.js';
export { parseFailpoints, type ArmedPoint } from './parse-failpoints.js';
