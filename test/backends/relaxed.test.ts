import { testBackend } from './backend.js';

testBackend('relaxed');
