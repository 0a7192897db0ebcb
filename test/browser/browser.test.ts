import { testPages } from './browsers.js';
import { runSuite } from './run.js';

await testPages(runSuite);
