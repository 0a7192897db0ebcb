import { outcomes } from './results.js';
import { cases } from './threads-cases.js';

postMessage(await outcomes(await cases()));
