/** Every operation on the graphics processor (SwiftShader) against the processor. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { everyOperation } from '../../support/cases.ts';
import { onSoftwareDevice, softwareDeviceMissing } from '../../support/swiftshader.ts';

const TOLERANCE = 1e-4;

type Report = Readonly<Record<string, { readonly difference: number; readonly error?: string }>>;

describe('operations on WebGPU', { skip: softwareDeviceMissing() ?? false }, () => {
  let report: Report = {};
  before(async () => {
    report = await onSoftwareDevice(new URL('operations.child.ts', import.meta.url));
  });

  for (const [name] of everyOperation) {
    test(`${name} and its gradient run on the graphics processor alone and agree with the processor`, () => {
      const { difference, error } = report[name];
      assert.equal(error, undefined);
      assert.ok(difference < TOLERANCE, `they differ by ${difference}`);
    });
  }
});
