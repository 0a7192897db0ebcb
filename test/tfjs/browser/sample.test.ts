import { testPages } from '../../browser/browsers.js';
import { runSample } from './sample.js';

await testPages(runSample, ['Chromium', 'Firefox']);
