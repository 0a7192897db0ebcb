/** `npm run site` and `npm run site:build`: installs what bundles the page, by its lockfile and into site/ alone, and runs that. */
import { spawnSync } from 'node:child_process';
import { installIn } from './install-in.js';
import { writeDigits } from './site-digits.js';
import { writeLicences } from './site-licences.js';

const HERE = 'site';

const [script = 'build'] = process.argv.slice(2);
installIn(HERE, 'what bundles the page, and the libraries that its benchmark runs');
writeDigits();
writeLicences();
const { status } = spawnSync('npm', ['run', '--silent', script, '--prefix', HERE], { stdio: 'inherit' });
process.exit(status ?? 1);
