/** What of a curve is drawn: as much as the screen can show, however long the curve is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CurveStore } from '../../../webview/perplexity/curve-store.ts';
import { drawnLines } from '../../../webview/perplexity/lines.ts';
import { curvesMessages } from '../../support/made-curves.ts';

const COLUMNS = 800;

test('a curve of 100,000 points is drawn with no more points than one of 10,000: a few for each column', () => {
  const drawn = (count: number): number => {
    const store = new CurveStore();
    for (const message of curvesMessages(count)) {
      if (message.type === 'curves') store.setFacts(message.curves);
      if (message.type === 'points') for (const part of message.parts) store.add(part);
    }
    const lines = drawnLines(
      store.curves.map((curve, index) => ({ curve, index, dash: 0 })),
      { axis: 'tokens', isLog: true, smoothing: 0.5 },
      COLUMNS,
    );
    return Math.max(...lines.map(({ x }) => x.length));
  };
  assert.ok(drawn(100_000) <= 4 * COLUMNS, `${drawn(100_000)} points`);
  assert.ok(drawn(100_000) <= 1.1 * drawn(10_000));
});
