#!/usr/bin/env node
/** `simdconv info`: what the package runs as in this Node. */
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { load } from './index.js';
import { version } from './version.js';
import { EMBEDDED } from './wasm/embedded.js';
import { supports, WASM_VARIANTS, type WasmVariant } from './wasm/support.js';

const HELP = `Usage: simdconv <command> [options]

Commands:
  info         what runs here: variant, features, threads, block sizes, versions

Options:
  --json       print info as JSON
  --version    print the version
  --help       print this`;

async function info() {
  const kernels = await load({ threads: 'auto' });
  const { variant, threads, threadsReason, tile, blocks, memory } = kernels.info;
  kernels.dispose();
  const { node, v8 } = process.versions;
  return {
    version,
    variant,
    variants: [...WASM_VARIANTS.filter(supports), 'reference'],
    features: { simd128: supports('simd'), relaxedSimd: supports('relaxed') },
    threads,
    ...(threadsReason !== undefined && { threadsReason }),
    tile,
    blocks,
    workspaceBytes: memory.workspaceBytes,
    wasm: { simd: await sizeOf('simd'), relaxed: await sizeOf('relaxed') },
    node,
    v8,
    platform: `${process.platform}-${process.arch}`,
  };
}

async function sizeOf(variant: WasmVariant): Promise<{ bytes: number; gzipBytes: number }> {
  const bytes = await EMBEDDED.bytes(variant);
  return { bytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length };
}

function lines(i: Awaited<ReturnType<typeof info>>): string {
  const has = (feature: boolean): string => (feature ? 'yes' : 'no');
  const [MR, NR] = i.tile;
  const [MC, NC, KC] = i.blocks;
  const rows: [string, string][] = [
    ['simdconv', i.version],
    ['variant', i.variant],
    ['variants', i.variants.join(', ')],
    ['features', `simd128 ${has(i.features.simd128)}, relaxed-simd ${has(i.features.relaxedSimd)}`],
    ['threads', `${i.threads}${i.threadsReason === undefined ? '' : `: ${i.threadsReason}`}`],
    ['tile', i.tile.length > 0 ? `MR ${MR}, NR ${NR}` : 'none'],
    ['blocks', i.blocks.length > 0 ? `MC ${MC}, NC ${NC}, KC ${KC}` : 'none'],
    ['workspace', `${i.workspaceBytes} bytes`],
    ...Object.entries(i.wasm).map(([name, { bytes, gzipBytes }]): [string, string] => [
      `${name}.wasm`,
      `${bytes} bytes, ${gzipBytes} gzipped`,
    ]),
    ['node', `${i.node} (V8 ${i.v8}), ${i.platform}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Throws a TypeError that says what is wrong with the arguments. */
function readCommand(args: string[]): 'help' | 'version' | 'info' | 'info as json' {
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({ args, options: { json: flag, version: flag, help: flag }, allowPositionals: true });
  const [command, ...rest] = positionals;
  if (values.help) return 'help';
  if (values.version) return 'version';
  if (command === undefined) throw new TypeError('a command is missing');
  if (command !== 'info') throw new TypeError(`unknown command '${command}'`);
  if (rest.length > 0) throw new TypeError(`unexpected argument '${rest[0]}'`);
  return values.json ? 'info as json' : 'info';
}

function commandOf(args: string[]): ReturnType<typeof readCommand> | undefined {
  try {
    return readCommand(args);
  } catch (error) {
    console.error(`simdconv: ${(error as TypeError).message}\n\n${HELP}`);
    return undefined;
  }
}

const command = commandOf(process.argv.slice(2));
if (command === undefined) process.exitCode = 2;
else if (command === 'help') console.log(HELP);
else if (command === 'version') console.log(version);
else console.log(command === 'info' ? lines(await info()) : JSON.stringify(await info(), null, 2));
