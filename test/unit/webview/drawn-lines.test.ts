/** What of a curve is drawn: as much as the screen can show, however long the curve is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CurveStore } from '../../../webview/perplexity/curve-store.ts';
import { wholeView } from '../../../webview/perplexity/frame.ts';
import { curveLines } from '../../../webview/perplexity/lines.ts';
import { drawPicture } from '../../../webview/perplexity/picture.ts';
import { curvesMessages } from '../../support/made-curves.ts';

const COLUMNS = 800;

/** Points of the longest path, the whole seen, or a part of it. */
function drawn(count: number, share = 1): number {
  const store = new CurveStore();
  for (const message of curvesMessages(count)) {
    if (message.type === 'curves') store.setFacts(message.curves);
    if (message.type === 'points') for (const part of message.parts) store.add(part);
  }
  const lines = curveLines(
    store.curves.map((curve, index) => ({ curve, index, dash: 0 })),
    { axis: 'tokens', isLog: true, smoothing: 0.5 },
  );
  const axes = { x: 'tokens', xTitle: '', yTitle: '', isLog: true } as const;
  const { x, y } = wholeView(lines, true);
  const view = { x: { min: x.min, max: x.max * share }, y };
  const svg = drawPicture(lines, axes, view, { id: 'a', size: { width: COLUMNS, height: 360 } });
  const paths = [...svg.matchAll(/class="line [^>]* d="([^"]*)"/g)].map(([, d]) => d.split('L').length);
  return Math.max(...paths);
}

test('a curve of 100,000 points is drawn with no more points than one of 10,000: a few for each column', () => {
  assert.ok(drawn(100_000) <= 4 * COLUMNS, `${drawn(100_000)} points`);
  assert.ok(drawn(100_000) <= 1.1 * drawn(10_000));
});

test('a part of it that is zoomed to is drawn with all of its own points again', () => {
  assert.ok(drawn(10_000, 0.05) > 500);
});
