/**
 * The layout of what the kernels read, as TypeScript: the fields of structs in their order and the numbers of enums, taken from the AssemblyScript that defines them, so
 * that there is one description of the ABI. A struct that is written as words has i32 fields alone.
 */
import { readFile } from 'node:fs/promises';

const STRUCTS = [
  ['GEOMETRY', 'assembly/base/geometry.ts', 'Geometry'],
  ['AXES', 'assembly/array/strided-copy.ts', 'Axes'],
  ['SUMS', 'assembly/array/reduce.ts', 'Sums'],
] as const;
const ENUMS = [
  ['ACTIVATIONS', 'assembly/base/epilogue.ts', 'Activation'],
  ['ELEMENTWISE', 'assembly/array/elementwise.ts', 'Elementwise'],
] as const;

export async function layout(): Promise<string> {
  const structs = await Promise.all(
    STRUCTS.map(async ([name, path, type]) => `export const ${name} = ${fields(await readFile(path, 'utf8'), path, type)} as const;`),
  );
  const enums = await Promise.all(
    ENUMS.map(async ([name, path, type]) => `export const ${name} = ${members(await readFile(path, 'utf8'), path, type)} as const;`),
  );
  return ['/** Fields of structs in memory, four bytes each, and numbers of functions. */', ...structs, ...enums, ''].join('\n');
}

/** The fields of a class, which stand before its first getter or method. */
function fields(source: string, path: string, type: string): string {
  const names: string[] = [];
  for (const line of body(source, path, 'class', type).split('\n')) {
    const field = /^ {2}(\w+): (\w+);/.exec(line);
    if (!field) {
      if (/^ {2}(get )?\w+\(/.test(line)) break;
      continue;
    }
    if (field[2] !== 'i32')
      throw new Error(`${path}: ${type}.${field[1]} is ${field[2]}; expected i32, as the words are that TypeScript writes`);
    names.push(`'${field[1]}'`);
  }
  return `[${names.join(', ')}]`;
}

function members(source: string, path: string, type: string): string {
  const names = [...body(source, path, 'enum', type).matchAll(/^ {2}(\w+),$/gm)].map(([, name], index) => `${name}: ${index}`);
  return `{ ${names.join(', ')} }`;
}

function body(source: string, path: string, kind: 'class' | 'enum', type: string): string {
  const found = new RegExp(`^export ${kind} ${type} \\{\\n([^]*?)^\\}`, 'm').exec(source)?.[1];
  if (found === undefined) throw new Error(`${path}: no ${kind} ${type}`);
  return found;
}
