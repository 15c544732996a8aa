import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CaseGraph } from '../../../bench/scaling/graph.ts';
import { inOrder } from '../../../bench/scaling/graph.ts';
import { storeBytesOf } from '../../../bench/scaling/store-bytes.ts';
import { version } from '../../../src/common/version.ts';
import { readExperiment } from '../../../src/experiments/config/configuration.ts';
import { countedSize } from '../../../src/experiments/execution/domain-tokens.ts';
import { experimentTargets, namedCorpora } from '../../../src/experiments/execution/grid.ts';
import { prepareExperiment } from '../../../src/experiments/execution/prepare.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import { everyMethod, finishedWorkspace } from '../cli/micro.ts';

/** Manifest, tokenizer, configuration and curves: what every artifact has, whatever it is of. */
const SMALL_FILES_BYTES = 100e3;
/** Text is estimated by the bytes of a token; an embedding has as many terms as the text, up to 8 MB. */
const NOT_COMPARED = ['corpus', 'embedding'];

test('what docs/scaling.md calculates for the store is what a run of every method leaves there', async (t) => {
  const folder = await finishedWorkspace(t, everyMethod);
  const storage = join(folder, '.parlance', 'storage');
  const { plan, ...experiment } = await readExperiment(folder);
  const { signal } = new AbortController();
  const environment = { storage, threads: 1, version, command: '', signal, engine: 'onnxruntime:cpu' };
  const { stages, services } = await prepareExperiment({ plan, ...experiment }, environment);
  const tokens = new Map<string, { train: number; validation: number; heldout: number }>();
  for (const corpus of namedCorpora(stages)) {
    const size = await countedSize(corpus.tokens, services.store);
    if (size !== undefined) tokens.set(fingerprint(corpus.tokens), size);
  }
  const ordered = inOrder(experimentTargets(stages));
  const graph: CaseGraph = { stages: ordered, works: new Map(), tokens, bytesPerToken: 0 };
  const calculated = storeBytesOf(plan, graph);
  const compared = ordered.filter(({ kind }) => !NOT_COMPARED.includes(kind));
  assert.ok(compared.length > 50);
  for (const stage of compared) {
    const [real, said] = [await bytesOf(join(storage, 'artifacts', fingerprint(stage))), calculated(stage)];
    const what = `${stage.label}: ${real} bytes, ${said} calculated`;
    assert.ok(real >= 0.99 * said, what);
    assert.ok(real <= 1.01 * said + SMALL_FILES_BYTES, what);
  }
});

async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const facts = await Promise.all(names.map((name) => stat(join(folder, name))));
  return facts.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
}
