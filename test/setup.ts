/** Tests load builds without waiting, as programs in Node do. */
import '../src/relaxed.js';
