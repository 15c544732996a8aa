import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { test } from 'node:test';
import * as z from 'zod';
import { InputError } from '../../../../src/common/errors.ts';
import { SentenceEncoder } from '../../../../src/selection/embedding/sentence-encoder.ts';

/** Answers for one package, once, what Node.js answers when it is not installed. */
const hook = `
  let isToBeMissing = true;
  export async function resolve(specifier, context, next) {
    if (specifier !== '@huggingface/transformers' || !isToBeMissing) return next(specifier, context);
    isToBeMissing = false;
    return next('@huggingface/not-installed', context);
  }`;

test('without the optional package the error names the command that installs the tested version', async () => {
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  const manifest = JSON.parse(await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'));
  const { peerDependencies } = z
    .object({ peerDependencies: z.record(z.string(), z.string()) })
    .parse(manifest);
  const wanted = `@huggingface/transformers@${peerDependencies['@huggingface/transformers']}`;
  await assert.rejects(
    SentenceEncoder.open({ folder: 'anywhere' }),
    (error) => error instanceof InputError && error.hint.includes(`npm install --ignore-scripts ${wanted}"`),
  );
});
