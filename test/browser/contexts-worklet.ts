import { syncCases } from './contexts-cases.js';
import { outcomes } from './results.js';

declare const AudioWorkletProcessor: new () => { readonly port: MessagePort };
declare function registerProcessor(name: string, processor: new () => object): void;

class Convolver extends AudioWorkletProcessor {
  constructor() {
    super();
    outcomes(syncCases).then((results) => this.port.postMessage(results));
  }

  process(): boolean {
    return false;
  }
}

registerProcessor('convolver', Convolver);
