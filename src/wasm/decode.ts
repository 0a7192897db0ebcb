/**
 * A build as text, which scripts/encode.ts makes: in the digits below a frequent byte is one, a rare one is two. What is repeated stays repeated, so what a server compresses is as
 * small as if the bytes themselves were compressed, and nothing has to be inflated here.
 */

/** Printable characters, but those that are escaped in a string or end one, and what begins a tag of HTML. */
export const DIGITS = '!#%&()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~';
/** As many bytes are one digit. Those from it on begin two. */
export const FREQUENT = DIGITS.length - 2;

/** The 256 bytes in their order, of a flag for each: the frequent ones, then the others. */
export const orderOf = (flags: string): number[] => {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  return [...bytes.filter((byte) => flags[byte] === '1'), ...bytes.filter((byte) => flags[byte] !== '1')];
};

/** The text begins with the flags. Takes 3 ms. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const order = Uint8Array.from(orderOf(text));
  const values = new Uint8Array(127);
  for (let value = 0; value < DIGITS.length; value++) values[DIGITS.charCodeAt(value)] = value;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = order.length; at < text.length; at++) {
    let place = values[text.charCodeAt(at)] as number;
    if (place >= FREQUENT) place = FREQUENT + (place - FREQUENT) * DIGITS.length + (values[text.charCodeAt(++at)] as number);
    bytes[length++] = order[place] as number;
  }
  return bytes.slice(0, length);
}
