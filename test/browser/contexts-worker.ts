import { cases } from './contexts-cases.js';
import { outcomes } from './results.js';

postMessage(await outcomes(cases({ imports: true })));
