import { testBackend } from './backend.js';

testBackend('debug');
