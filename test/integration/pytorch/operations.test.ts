/** Every operation and its gradient with PyTorch on the processor, against the reference interpreter in float64. */
import { after, before, describe, test } from 'node:test';
import type { PyTorchEngine } from '../../../src/engines/pytorch/engine.ts';
import { everyOperation } from '../../support/cases.ts';
import { assertCaseAgrees } from '../../support/engine-cases.ts';
import { startTorch, withoutTorch } from '../../support/pytorch.ts';

describe('operations with PyTorch', { skip: withoutTorch }, () => {
  let engine: PyTorchEngine;
  before(async () => {
    engine = await startTorch();
  });
  after(async () => engine?.dispose());

  for (const [name, cases] of everyOperation) {
    test(`${name} and its gradient are those of the interpreter`, async () => {
      await assertCaseAgrees(engine, cases, 12);
    });
  }
});
