/** What `auto` makes of a software renderer and of a Vulkan loader without a driver; both exist on this machine only here. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  chooseEngine,
  findEngine,
  type ProbeWork,
} from '../../../src/experiments/estimation/engine-choice.ts';
import { presetPlan } from '../../../src/experiments/estimation/machine.ts';
import { softwareDeviceEnvironment, softwareDeviceMissing } from '../../support/swiftshader.ts';

const work: ProbeWork = { plan: presetPlan('tiny'), model: 'small', threads: 1 };
const VARIABLES = ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'LD_LIBRARY_PATH'];

describe('the choice of an engine', { skip: softwareDeviceMissing() ?? false }, () => {
  const own = { ...process.env };
  before(() => {
    const software = softwareDeviceEnvironment();
    for (const name of VARIABLES) process.env[name] = software[name];
  });
  after(() => {
    for (const name of VARIABLES) {
      if (own[name] === undefined) delete process.env[name];
      else process.env[name] = own[name];
    }
  });

  test('a software renderer is named as one, and auto does not take it', async () => {
    const finding = await findEngine('onnxruntime:webgpu', 1);
    assert.equal(finding.available, true);
    assert.match(finding.detail, /SwiftShader.*software renderer/);
    const { name, reason } = await chooseEngine('auto', work);
    assert.equal(name, 'onnxruntime:cpu');
    assert.match(reason, /SwiftShader.*software renderer/);
  });

  test('a Vulkan loader without a driver is told in plain words, and auto takes the processor', async () => {
    for (const name of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES']) process.env[name] = '/no/driver.json';
    const finding = await findEngine('onnxruntime:webgpu', 1);
    assert.equal(finding.available, false);
    assert.match(finding.detail, /No graphics processor can be used/);
    assert.match(finding.mend ?? '', /Install the driver/);
    const { name, reason } = await chooseEngine('auto', work);
    assert.equal(name, 'onnxruntime:cpu');
    assert.match(reason, /no graphics processor can be used/);
  });
});
