/** What of a text is told while its tokens come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextStream } from '../../../src/inference/text-stream.ts';

/** What is told after each piece, and what is left. */
function told(stop: readonly string[], pieces: readonly (string | Uint8Array)[]) {
  const stream = new TextStream(stop);
  const texts = pieces.map((piece) =>
    stream.push(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece),
  );
  return {
    texts: texts.map(({ text }) => text),
    stopped: texts.map(({ isStopped }) => isStopped),
    rest: stream.rest(),
  };
}

test('without stop texts everything is told at once', () => {
  assert.deepEqual(told([], ['a', ' b', '\n']), {
    texts: ['a', ' b', '\n'],
    stopped: [false, false, false],
    rest: '',
  });
});

test('a character of several tokens is told when it is whole, and not at all where it stays cut', () => {
  const [first, second] = new TextEncoder().encode('é');
  assert.deepEqual(told([], [Uint8Array.of(first), Uint8Array.of(second), '!']).texts, ['', 'é', '!']);
  assert.deepEqual(told([], ['a', Uint8Array.of(first)]), {
    texts: ['a', ''],
    stopped: [false, false],
    rest: '',
  });
});

test('a stop text inside of a token ends the text before it', () => {
  assert.deepEqual(told(['\n'], ['one\ntwo']), { texts: ['one'], stopped: [true], rest: '' });
});

test('a stop text over several tokens is held back until it is clear', () => {
  assert.deepEqual(told(['END'], ['a E', 'N', 'D!']), {
    texts: ['a ', '', ''],
    stopped: [false, false, true],
    rest: '',
  });
  assert.deepEqual(told(['END'], ['a E', 'N', 'd']), {
    texts: ['a ', '', 'ENd'],
    stopped: [false, false, false],
    rest: '',
  });
  assert.deepEqual(told(['END'], ['a E', 'N']).rest, 'EN');
});

test('what is held back may begin again within itself', () => {
  assert.deepEqual(told(['aab'], ['a', 'a', 'a', 'b']), {
    texts: ['', '', 'a', ''],
    stopped: [false, false, false, true],
    rest: '',
  });
});

test('of several stop texts the first in the text counts', () => {
  assert.deepEqual(told(['three', 'two'], ['one two three']).texts, ['one ']);
  assert.deepEqual(told(['x', 'bcd'], ['ab', 'cx']), {
    texts: ['a', 'bc'],
    stopped: [false, true],
    rest: '',
  });
});
