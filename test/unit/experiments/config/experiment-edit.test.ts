import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertPoint, insertSeed } from '../../../../src/experiments/config/experiment-edit.ts';
import { experimentSchema } from '../../../../src/experiments/config/experiment-file.ts';

const PLACE = { pretraining: 65_536, domainTokens: 'all' } as const;
const ENTRY = '{ "pretraining": 65536, "domainTokens": "all" }';

function edited(text: string): string {
  const insertion = insertPoint(text, PLACE);
  if (insertion === undefined) return text;
  return text.slice(0, insertion.offset) + insertion.text + text.slice(insertion.offset);
}

test('a point becomes the last setting of the file, and not a character beside it changes', () => {
  assert.equal(
    edited('{\n    "name": "a \\"points\\": [",\n    "seeds": [1,\n 2]\n}\n'),
    `{\n    "name": "a \\"points\\": [",\n    "seeds": [1,\n 2],\n    "points": [${ENTRY}]\n}\n`,
  );
  assert.equal(edited('{"seeds":[1]}'), `{"seeds":[1], "points": [${ENTRY}]}`);
  assert.equal(edited('{\r\n\t"seeds": [1]\r\n}'), `{\r\n\t"seeds": [1],\r\n\t"points": [${ENTRY}]\r\n}`);
});

test('it joins points that are there, as they are written', () => {
  const other = '{ "pretraining": 1024, "domainTokens": 4096 }';
  assert.equal(
    edited(`{ "points": [${other}], "seeds": [1] }`),
    `{ "points": [${other}, ${ENTRY}], "seeds": [1] }`,
  );
  assert.equal(edited('{ "points": [ ] }'), `{ "points": [${ENTRY} ] }`);
  assert.equal(
    edited(`{\n  "points": [\n    ${other}\n  ],\n  "seeds": [1]\n}`),
    `{\n  "points": [\n    ${other},\n    ${ENTRY}\n  ],\n  "seeds": [1]\n}`,
  );
});

test('a list of that name inside of another setting is not it', () => {
  assert.equal(edited('{ "x": { "points": [1] } }'), `{ "x": { "points": [1] }, "points": [${ENTRY}] }`);
});

test('a point that is there is not added again, and text that is no JSON is not touched', () => {
  assert.equal(
    insertPoint(`{ "points": [{"domainTokens": "all", "pretraining": 65536}] }`, PLACE),
    undefined,
  );
  assert.throws(() => insertPoint('{ "points": [', PLACE));
});

test('what is written is a setting of the experiment file', () => {
  const text = edited(
    '{ "generic": { "sources": [{ "path": "g" }] }, "domains": [{ "name": "d", "sources": [{ "path": "d" }] }] }',
  );
  assert.deepEqual(experimentSchema.parse(JSON.parse(text)).points, [PLACE]);
});

test('a seed joins those of the file, or those of the preset that the file does not list', () => {
  const withSeed = (text: string): string => {
    const insertion = insertSeed(text, 3, [1, 2]);
    if (insertion === undefined) return text;
    return text.slice(0, insertion.offset) + insertion.text + text.slice(insertion.offset);
  };
  assert.equal(
    withSeed('{ "seeds": [1, 2], "x": { "seeds": [] } }'),
    '{ "seeds": [1, 2, 3], "x": { "seeds": [] } }',
  );
  assert.equal(withSeed('{\n  "preset": "tiny"\n}\n'), '{\n  "preset": "tiny",\n  "seeds": [1, 2, 3]\n}\n');
  assert.equal(insertSeed('{ "seeds": [3] }', 3, [1, 2]), undefined);
});
