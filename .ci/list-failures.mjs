// Prints the failed tests of a vitest JSON report, each with its file, its name and the first lines of why.
import { readFileSync } from 'node:fs';

const LINES = 40;
const print = (line) => process.stdout.write(`${line}\n`);
const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const file of report.testResults) {
  if (file.status === 'failed' && file.message) print(`${file.name}: ${file.message}`);
  for (const test of file.assertionResults.filter((each) => each.status === 'failed')) {
    print(`${file.name} > ${test.fullName}`);
    for (const message of test.failureMessages) print(message.split('\n').slice(0, LINES).join('\n'));
  }
}
