import { testPages } from './browsers.js';
import { runContexts } from './run-contexts.js';

await testPages(runContexts);
