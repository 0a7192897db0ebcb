import { testBackend } from './backend.js';

testBackend('simd', '3 threads');
