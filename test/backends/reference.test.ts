import { testBackend } from './backend.js';

testBackend('reference');
