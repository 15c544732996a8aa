/** State on the graphics processor (SwiftShader), and what happens when there is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleOf } from '../../../scripts/run-tests.mjs';
import { runOnSoftwareDevice, softwareDeviceMissing } from '../../support/swiftshader.ts';

const skip = softwareDeviceMissing() ?? false;
const child = bundleOf(fileURLToPath(new URL('state.child.ts', import.meta.url)));

test('state keeps its promises on the graphics processor', { skip }, async () => {
  const { stdout } = await runOnSoftwareDevice(['--test-reporter=tap', child]);
  assert.match(stdout, /# pass 6\n# fail 0/);
});
