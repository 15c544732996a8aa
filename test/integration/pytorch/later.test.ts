/** What newer versions of PyTorch have, with stand-ins for it: the fused attention kernel, and the compiler. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import {
  add,
  apply,
  causalAttention,
  exponential,
  input,
  multiply,
  negate,
} from '../../../src/graph/build.ts';
import { operationCases } from '../../support/cases.ts';
import { assertCaseAgrees } from '../../support/engine-cases.ts';
import { compareEngines, trainingNames } from '../../support/method-programs.ts';
import { pythonWithTorch, startTorch, withoutTorch } from '../../support/pytorch.ts';

const standIn = fileURLToPath(new URL('later_torch.py', import.meta.url));
const STEPS = 14;

describe('what newer versions of PyTorch have', { skip: withoutTorch }, () => {
  const reference = new OnnxRuntimeEngine({ threads: 1 });
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parlance-pytorch-'));
  });
  after(async () => {
    await reference.dispose();
    await rm(folder, { recursive: true });
  });

  /** An interpreter in which the stand-ins are, and a file that their compiler writes to. */
  async function laterPython(name: string, environment = ''): Promise<{ python: string; told: string }> {
    const [python, told] = [join(folder, name), join(folder, `${name}.log`)];
    await writeFile(
      python,
      `#!/bin/sh\n${environment} PARLANCE_TEST_COMPILED='${told}' exec ${pythonWithTorch} '${standIn}' "$@"\n`,
    );
    await chmod(python, 0o755);
    await writeFile(told, '');
    return { python, told };
  }

  test('attention and its gradients by the fused kernel are those of the interpreter', async () => {
    const engine = await startTorch(await laterPython('attention'));
    await assertCaseAgrees(engine, operationCases.causalAttention, 20);
    // What attention keeps for its gradients is not written over by whoever reads it last.
    const [q, k, v, g] = ['q', 'k', 'v', 'g'].map((name) => input(name, [1, 1, 4, 4], 'batch'));
    const turned = exponential(q);
    const settings = { scale: 0.5, blocks: 1 };
    const attended = causalAttention(turned, k, v, settings);
    const gradient = apply('causalAttentionGradient', [turned, k, v, attended], { ...settings, of: 'q' });
    const output = add(multiply(gradient, g), multiply(negate(turned), 3));
    const value = Float64Array.from({ length: 16 }, (_, i) => Math.sin(i));
    const values = { q: value, k: value, v: value, g: value };
    await assertCaseAgrees(engine, fc.constant({ output, differentiable: [], values }), 1);
    await engine.dispose();
  });

  for (const { words, environment, told: expected } of [
    // Five steps as it is, then the compiled program: five steps, and on with the faster.
    { words: 'a compiler', environment: '', told: ['compiled', 'called', 'called'] },
    {
      words: 'a compiler that fails',
      environment: 'PARLANCE_TEST_COMPILER=fails',
      told: ['compiled', 'called'],
    },
    {
      words: 'a compiler that refuses',
      environment: 'PARLANCE_TEST_COMPILER=refuses',
      told: ['compiled'],
    },
  ]) {
    test(`with ${words}, trainings agree with ONNX Runtime`, async () => {
      const { python, told } = await laterPython(words.replaceAll(' ', '-'), environment);
      const engine = await startTorch({ python });
      for (const name of trainingNames) {
        await writeFile(told, '');
        const { stateError, metricsError } = await compareEngines(name, engine, reference, STEPS, false);
        assert.ok(stateError < 1e-3, `${name}: ${stateError}`);
        assert.ok(metricsError < 1e-3, `${name}: ${metricsError}`);
        const lines = (await readFile(told, 'utf8')).trimEnd().split('\n');
        assert.deepEqual(environment === '' ? lines.slice(0, 3) : lines, expected);
      }
      await engine.dispose();
    });
  }
});
