/** A short, fixed part of `npm run fuzz`: damaged files are refused in words by every reader, never otherwise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attack } from '../../fuzz/attack.ts';
import { readers } from '../../fuzz/readers.ts';

const ATTEMPTS = 200;

for (const [name, reader] of Object.entries(readers)) {
  test(`${ATTEMPTS} damaged files are read or refused in words: ${name}`, async () => {
    let refused = 0;
    let attempts = 0;
    for await (const { outcome } of attack(name, reader, 1)) {
      if (outcome === 'refused') refused++;
      if (++attempts === ATTEMPTS) break;
    }
    assert.ok(refused > ATTEMPTS / 10, `${refused} refused`);
  });
}
