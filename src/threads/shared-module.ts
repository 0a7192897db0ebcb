/**
 * The kernels import their memory. Whether it may be shared between threads is said by the import itself, so the bytes of one build serve both: for threads the limits of
 * the import are rewritten from `at least n pages` to `shared, n to 65536 pages`.
 */

const IMPORT_SECTION = 2;
const MEMORY_SECTION = 5;
const MEMORY = 2;
const WITH_MAXIMUM = 1;
const SHARED_WITH_MAXIMUM = 3;
const MOST_PAGES = 65536;
const HEADER_BYTES = 8;

/** A module's bytes with its imported memory shared. */
export function withSharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const found = sectionOf(bytes, IMPORT_SECTION);
  if (!found) throw new Error('simdconv: the module imports no memory');
  const section = shareMemory(bytes.subarray(found.start, found.end));
  return concat([bytes.subarray(0, found.id + 1), numberBytes(section.length), section, bytes.subarray(found.end)]);
}

/** The bytes of another module whose own memory, of which it must say how large it may grow, is shared; undefined where it makes none or does not say. */
export function withOwnMemoryShared(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const found = sectionOf(bytes, MEMORY_SECTION);
  if (!found) return undefined;
  const count = readNumber(bytes, found.start);
  if (count.value !== 1 || bytes[count.next] !== WITH_MAXIMUM) return undefined;
  const rewritten = new Uint8Array(bytes);
  rewritten[count.next] = SHARED_WITH_MAXIMUM;
  return rewritten;
}

/** Where a section's number stands, and from where to where its contents are. */
function sectionOf(bytes: Uint8Array, wanted: number): { readonly id: number; readonly start: number; readonly end: number } | undefined {
  for (let id = HEADER_BYTES; id < bytes.length; ) {
    const size = readNumber(bytes, id + 1);
    const end = size.next + size.value;
    if (bytes[id] === wanted) return { id, start: size.next, end };
    id = end;
  }
  return undefined;
}

/** The section of a module whose only import is its memory, as asconfig.json has it. */
function shareMemory(section: Uint8Array): Uint8Array {
  const count = readNumber(section, 0);
  const module = readNumber(section, count.next);
  const name = readNumber(section, module.next + module.value);
  const kind = name.next + name.value;
  if (count.value !== 1 || section[kind] !== MEMORY) throw new Error('simdconv: the module imports something else than its memory');
  const least = readNumber(section, kind + 2);
  return concat([section.subarray(0, kind + 1), [SHARED_WITH_MAXIMUM], numberBytes(least.value), numberBytes(MOST_PAGES)]);
}

/** An unsigned LEB128 number, and where it ends. */
function readNumber(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] as number;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: at };
  }
}

function numberBytes(value: number): number[] {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) + 0x80);
  return [...bytes, value];
}

function concat(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
