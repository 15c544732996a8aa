/**
 * How long activation takes, in a window of its own where nothing was activated before: code that is loaded a second time
 * in one extension host is not loaded from disk, and cannot be activated again.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parlance } from './support.ts';

const limitMs = 100;

describe('activation', () => {
  it(`takes less than ${limitMs} ms`, async () => {
    const extension = parlance();
    assert.equal(extension.isActive, false);
    const started = performance.now();
    const { user, system } = process.cpuUsage();
    await extension.activate();
    const tookMs = performance.now() - started;
    const used = process.cpuUsage({ user, system });
    const usedMs = (used.user + used.system) / 1000;
    const took = `${tookMs.toFixed(1)} ms, of which the process computed ${usedMs.toFixed(1)} ms`;
    console.log(`activated in ${took}`);
    assert.ok(tookMs < limitMs, `activation took ${took}`);
  });
});
