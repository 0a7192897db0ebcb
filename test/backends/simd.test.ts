import { testBackend } from './backend.js';

testBackend('simd');
