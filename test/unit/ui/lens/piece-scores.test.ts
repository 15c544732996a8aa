/** Texts scored piece by piece: with a model whose answers are known, so that the pieces can be held against the whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceScores, type ScoredSoFar } from '../../../../src/ui/lens/piece-scores.ts';

const LEAD_IN = 40;
const text = Array.from({ length: 120 }, (_, i) => `line ${(i * 7919) % 1000} of the text\n`).join('');

/** A word and what stands before it is a token; each is less likely the later its letters stand in the alphabet. */
function tokensOf(scored: string) {
  return [...scored.matchAll(/\s*\S+|\s+$/g)].map(({ 0: word, index }) => ({
    id: 0,
    text: word,
    start: index,
    end: index + word.length,
    logProbability: -word.trim().charCodeAt(0) / 50,
    alternatives: [],
  }));
}

function scorer() {
  const asked: string[] = [];
  const score = async (part: string) => {
    asked.push(part);
    return { tokens: tokensOf(part) };
  };
  return { asked, score };
}

async function last(steps: AsyncGenerator<ScoredSoFar>): Promise<ScoredSoFar> {
  let newest: ScoredSoFar | undefined;
  for await (const step of steps) newest = step;
  return newest ?? assert.fail('nothing was scored');
}

const options = { leadIn: LEAD_IN, offset: 0, signal: new AbortController().signal };

test('the pieces have the tokens of the whole, each once', async () => {
  const { asked, score } = scorer();
  const { share, tokens } = await last(new PieceScores().score(text, options, score));
  assert.equal(share, 1);
  assert.ok(asked.length > 5);
  const spans = (all: readonly { start: number; end: number }[]) => all.map(({ start, end }) => [start, end]);
  const words = (all: readonly { start: number; end: number }[]) =>
    all.map(({ start, end }) => text.slice(start, end).trim()).filter((word) => word !== '');
  assert.deepEqual(words(tokens()), words(tokensOf(text)));
  // In order, and without a gap.
  const own = spans(tokens());
  assert.ok(own.every(([start], i) => start === (i === 0 ? 0 : own[i - 1][1])));
});

test('after an edit only the pieces around it are asked for, and nothing when the text is as it was', async () => {
  const { asked, score } = scorer();
  const scores = new PieceScores();
  await last(scores.score(text, options, score));
  const all = asked.splice(0).length;
  await last(scores.score(text.replace('line 0 of', 'line zero of'), options, score));
  assert.ok(asked.length >= 1 && asked.length <= 4, `${asked.length} of ${all}`);
  asked.length = 0;
  await last(scores.score(text.replace('line 0 of', 'line zero of'), options, score));
  assert.deepEqual(asked, []);
});

test('begins with what is in sight', async () => {
  const { asked, score } = scorer();
  await last(new PieceScores().score(text, { ...options, offset: text.length - 1 }, score));
  assert.ok(text.endsWith(asked[0]));
});

test('stops after the piece in which it is given up, and keeps what was scored', async () => {
  const { asked, score } = scorer();
  const scores = new PieceScores();
  const giving = new AbortController();
  for await (const { share } of scores.score(text, { ...options, signal: giving.signal }, score)) {
    if (share > 0.3) giving.abort();
  }
  const before = asked.splice(0);
  assert.equal(new Set(before).size, before.length);
  await last(scores.score(text, options, score));
  // The piece that was at work when it was given up is asked for again.
  assert.equal(asked.filter((part) => before.slice(0, -1).includes(part)).length, 0);
});
