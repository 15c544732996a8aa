/** Gives a reader one damaged file after the other. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CorruptionError, InputError } from '../../src/common/errors.ts';
import { Random } from '../../src/common/random.ts';
import { mutate } from './mutate.ts';
import type { Reader } from './readers.ts';

export interface Attempt {
  readonly file: string;
  readonly data: Buffer;
  readonly outcome: 'read' | 'refused';
}

/**
 * Attempts without end, the same for the same seed.
 * @throws whatever a reader throws that is no refusal, with the damaged file beside its message.
 */
export async function* attack(name: string, reader: Reader, seed: number): AsyncGenerator<Attempt> {
  const root = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const [valid, attacked] = [join(root, 'valid'), join(root, 'attacked')];
  try {
    const files = await reader.make(valid);
    await cp(valid, attacked, { recursive: true });
    await reader.read(attacked);
    const originals = new Map<string, Buffer>();
    for (const file of files) originals.set(file, await readFile(join(valid, file)));
    const random = Random.fromSeed(seed, name);
    for (;;) {
      const file = files[random.below(files.length)];
      const original = originals.get(file) ?? Buffer.alloc(0);
      const data = mutate(original, random);
      await writeFile(join(attacked, file), data);
      yield { file, data, outcome: await outcomeOf(reader, attacked, data) };
      await writeFile(join(attacked, file), original);
    }
  } finally {
    await rm(root, { recursive: true });
  }
}

async function outcomeOf(reader: Reader, folder: string, data: Buffer): Promise<Attempt['outcome']> {
  try {
    await reader.read(folder);
    return 'read';
  } catch (error) {
    if (error instanceof InputError || error instanceof CorruptionError) return 'refused';
    throw new Error(`No refusal: ${String(error)}; the file in base64: ${data.toString('base64')}`, {
      cause: error,
    });
  }
}
