import { testBackend } from './backend.js';

testBackend('relaxed', '3 threads');
