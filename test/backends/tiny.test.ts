import { testBackend } from './backend.js';

testBackend('tiny');
