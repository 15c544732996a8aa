/** Every program of every method on the graphics processor (SwiftShader) against the processor. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { onSoftwareDevice, softwareDeviceMissing } from '../../support/swiftshader.ts';

/** A tenth of what docs/engines.md allows after ten steps, since errors grow with the steps and here are three. */
const TOLERANCE = 1e-4;

interface Comparison {
  readonly stateError: number;
  readonly worstTensor: string;
  readonly metricsError: number;
  /** Calls of kernels in all, and those that ran elsewhere than on the graphics processor. */
  readonly kernels: number;
  readonly elsewhere: readonly string[];
}

const programs = [
  'dense small, from scratch',
  'dense large, fine-tuned',
  'projected',
  'distilled',
  'low-rank',
  'evaluation',
  'merged weights',
  'distances to centroids',
];

describe('methods on WebGPU', { skip: softwareDeviceMissing() ?? false }, () => {
  let report: Readonly<Record<string, Comparison>> = {};
  before(async () => {
    report = await onSoftwareDevice(new URL('methods.child.ts', import.meta.url));
  });

  for (const name of programs) {
    test(`${name}: losses and state agree with the processor after three steps`, () => {
      const { stateError, worstTensor, metricsError } = report[name];
      // What is not a number travels as null, and null is below any bound.
      assert.equal(typeof stateError, 'number', worstTensor);
      assert.equal(typeof metricsError, 'number');
      assert.ok(stateError < TOLERANCE, `${worstTensor} differs by ${stateError}`);
      assert.ok(metricsError < TOLERANCE, `metrics differ by ${metricsError}`);
    });

    test(`${name}: no kernel runs on the processor`, () => {
      const { kernels, elsewhere } = report[name];
      assert.ok(kernels > 0);
      assert.deepEqual(elsewhere, []);
    });
  }

  test('every program that was compared is named here', () => {
    assert.deepEqual(Object.keys(report), programs);
  });
});
