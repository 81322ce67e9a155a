import { findPackageRoot, readVersion } from './version.js';

const argv = process.argv.slice(2);
const packageRoot = findPackageRoot();

// Before anything heavy is loaded: scripts ask for the version often, and it must work when nothing else does.
if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`${readVersion(packageRoot)}\n`);
} else {
  const { runProcess } = await import('./run-process.js');
  await runProcess(argv, packageRoot);
}
