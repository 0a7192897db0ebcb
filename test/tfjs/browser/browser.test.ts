import { testPages } from '../../browser/browsers.js';
import { runTfjs } from './run.js';

await testPages(runTfjs);
