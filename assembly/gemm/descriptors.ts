/** The descriptors of a call live in its workspace: nothing is allocated. */

import { DESCRIPTORS } from '../base/config';
import { Element } from '../base/element';
import { Epilogue, prepareEpilogue } from '../base/epilogue';
import { Operand } from '../pack/operand';

export function operandA(workspace: usize): Operand {
  return changetype<Operand>(workspace + DESCRIPTORS);
}

export function operandB(workspace: usize): Operand {
  return changetype<Operand>(workspace + DESCRIPTORS + 32);
}

/** One bias value for each column of the product, or for each row. */
export function epilogueIn(workspace: usize, bias: usize, alongColumns: bool, activation: i32, slope: Element): Epilogue {
  const e = prepareEpilogue(workspace + DESCRIPTORS + 64, bias, activation, slope);
  e.rowStep = alongColumns ? 0 : 1;
  e.columnStep = alongColumns ? 1 : 0;
  return e;
}
