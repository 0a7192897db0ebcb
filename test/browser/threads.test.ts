import { testPages } from './browsers.js';
import { runThreads } from './run-threads.js';

await testPages(runThreads);
