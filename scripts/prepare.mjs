/** Builds a dependency that was taken from git: npm makes a package of the clone then, and says so by this variable. In a clone of one's own `npm start` and `npm test` build. */
import { spawnSync } from 'node:child_process';

if (process.env._PACOTE_NO_PREPARE_) {
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts'], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
