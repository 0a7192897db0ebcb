import { cases } from './contexts-cases.js';
import { outcomes } from './results.js';

addEventListener('message', ({ ports: [port] }) => outcomes(cases({ imports: false })).then((results) => port?.postMessage(results)));
