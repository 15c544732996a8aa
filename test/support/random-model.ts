/** A small model with random weights, as a folder. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ModelSize } from '../../src/common/model-size.ts';
import type { HostTensor } from '../../src/engines/engine.ts';
import { llamaConfiguration } from '../../src/formats/llama.ts';
import { CONFIGURATION_FILE, WEIGHTS_FILE } from '../../src/formats/model-folder.ts';
import { initialWeights } from '../../src/models/parameterization.ts';
import { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { writeWeights } from '../../src/training/checkpoint.ts';

/** One token a byte, and an end of text. */
export const byteTokenizer = new Tokenizer({
  tokens: [new Uint8Array(0), ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))],
  endOfText: 0,
  merges: new Uint32Array(0),
});

/** Larger than those a training begins with: what stands before a token matters. */
export function randomWeights(size: ModelSize, seed = 5): Record<string, HostTensor> {
  const entries = Object.entries(initialWeights(size, seed)).map(([name, { shape, data }]) => {
    const grown = data.map((value, i) => (shape.length === 1 ? 1 + Math.sin(i) / 2 : 3 * value));
    return [name, { shape, data: grown }] as const;
  });
  return Object.fromEntries(entries);
}

/** Removed after the test. */
export async function randomModel(t: TestContext, size: ModelSize, seed?: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-model-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await byteTokenizer.save(folder);
  await writeWeights(join(folder, WEIGHTS_FILE), randomWeights(size, seed));
  const { beginOfText: begin, endOfText } = byteTokenizer;
  const configuration = llamaConfiguration(size, { begin, ends: [endOfText] });
  await writeFile(join(folder, CONFIGURATION_FILE), JSON.stringify(configuration));
  return folder;
}
