/** A passage as a model read it is found in the file as it is now. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOfPassage } from '../../../../src/ui/panels/passage-place.ts';

const found = (text: string, passage: string, from = 0): string | undefined => {
  const place = placeOfPassage(text, passage, from);
  return place && text.slice(place.start, place.end);
};

test('as it stands, whatever signs it has, the first from a place on', () => {
  const text = 'One. f(x) = [a+b]*c? One. f(x) = [a+b]*c?';
  assert.equal(found(text, ' f(x) = [a+b]*c?'), 'f(x) = [a+b]*c?');
  assert.deepEqual(placeOfPassage(text, 'One.', 3), { start: 21, end: 25 });
});

test('with other spaces and line ends, and cut inside of a character', () => {
  assert.equal(found('The owl\r\n  and the cat\r\nwent', 'owl\nand the cat'), 'owl\r\n  and the cat');
  assert.equal(found('Größe und mehr', '\ufffd\ufffdße und'), 'ße und');
});

test('escaped in a record of JSON', () => {
  const text = '{"text":"He said: \\"no\\".\\nThen he left."}';
  assert.equal(found(text, 'said: "no".\nThen'), 'said: \\"no\\".\\nThen');
});

test('by its ends where its middle was taken out, but not over half of the file', () => {
  const words = Array.from({ length: 30 }, (_, i) => `w${i}`);
  const passage = [...words.slice(0, 14), ...words.slice(16)].join(' ');
  assert.equal(found(`before ${words.join(' ')} after`, passage), words.join(' '));
  const far = `${words.slice(0, 15).join(' ')} ${'x '.repeat(500)} ${words.slice(15).join(' ')}`;
  assert.equal(found(far, passage), undefined);
});

test('not at all where it is not there', () => {
  assert.equal(found('something else', 'the passage'), undefined);
  assert.equal(found('something', '\ufffd'), undefined);
});
