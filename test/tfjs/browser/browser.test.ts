import { testPages } from '../../browser/browsers.js';
import { runTfjs } from './run.js';

// In WebKit TensorFlow.js itself takes more than ten minutes.
await testPages(runTfjs, ['Chromium', 'Firefox']);
