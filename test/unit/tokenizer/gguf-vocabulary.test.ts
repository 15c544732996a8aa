/** What llama.cpp is told of a tokenizer, and which it cannot be told of. Its ids are compared in test/integration/export. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/common/errors.ts';
import { ggufVocabulary } from '../../../src/tokenizer/gguf-vocabulary.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';

const trained = JSON.stringify(
  (await trainTokenizer(['aaa bb aaa bb'], { vocabularySize: 260 })).toHuggingFace(),
);
const bounds = { beginOfText: 0, endOfText: 0, addsBegin: false };
const byteLevel = (change: (file: ReturnType<typeof JSON.parse>) => void = () => undefined) => {
  const file = JSON.parse(trained);
  change(file);
  return JSON.stringify(file);
};

/** Three merges over characters, with all bytes as a fallback. */
function sentencePiece(change: (file: ReturnType<typeof JSON.parse>) => void = () => undefined): string {
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, '▁', 'a', 'b', 'ab', '▁ab', 'abab'];
  const file = {
    added_tokens: ['<unk>', '<s>', '</s>'].map((content, id) => ({ id, content, special: true })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    },
    model: {
      type: 'BPE',
      byte_fallback: true,
      unk_token: '<unk>',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: ['a b', '▁ ab', 'ab ab'],
    },
  };
  change(file);
  return JSON.stringify(file);
}

test('a tokenizer of ours: its rule, its tokens in the byte-level alphabet, its merges, and ids without a token', () => {
  const { added_tokens, model } = JSON.parse(trained);
  const keys = ggufVocabulary(trained, 't', { rows: 264, ...bounds });
  const names = Object.keys(model.vocab).sort((a, b) => model.vocab[a] - model.vocab[b]);
  assert.equal(names.length, 260);
  assert.deepEqual(
    [...keys],
    [
      ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
      ['tokenizer.ggml.pre', { type: 'string', value: 'granite-docling' }],
      [
        'tokenizer.ggml.tokens',
        { type: 'strings', value: [...names, '[PAD260]', '[PAD261]', '[PAD262]', '[PAD263]'] },
      ],
      [
        'tokenizer.ggml.token_type',
        {
          type: 'int32s',
          value: Int32Array.from({ length: 264 }, (_, id) => (id === 0 ? 3 : id < 260 ? 1 : 5)),
        },
      ],
      ['tokenizer.ggml.merges', { type: 'strings', value: model.merges }],
      ['tokenizer.ggml.bos_token_id', { type: 'uint32', value: 0 }],
      ['tokenizer.ggml.eos_token_id', { type: 'uint32', value: 0 }],
      ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
      ['tokenizer.ggml.add_eos_token', { type: 'bool', value: false }],
    ],
  );
  assert.equal(added_tokens[0].id, 0);
});

test('SentencePiece: kinds of tokens, scores by the rank of their merge, a space and a token before the text', () => {
  const keys = ggufVocabulary(sentencePiece(), 't', {
    rows: 265,
    beginOfText: 1,
    endOfText: 2,
    addsBegin: true,
  });
  const kinds = keys.get('tokenizer.ggml.token_type');
  const scores = keys.get('tokenizer.ggml.scores');
  assert.ok(kinds?.type === 'int32s' && scores?.type === 'float32s');
  assert.deepEqual([...kinds.value.subarray(0, 4)], [2, 3, 3, 6]);
  assert.deepEqual([...kinds.value.subarray(258)], [6, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual([...scores.value.subarray(259)], [-3, -3, -3, -0, -1, -2]);
  const told = (name: string) => keys.get(`tokenizer.ggml.${name}`)?.value;
  assert.deepEqual(
    ['model', 'add_space_prefix', 'unknown_token_id', 'bos_token_id', 'eos_token_id', 'add_bos_token'].map(
      told,
    ),
    ['llama', true, 0, 1, 2, true],
  );
});

test('a token that the text is searched for stays apart from those that no text has', () => {
  const text = byteLevel((file) => {
    file.added_tokens.push({ id: 260, content: '<note>', special: false });
  });
  const kinds = ggufVocabulary(text, 't', { rows: 261, ...bounds }).get('tokenizer.ggml.token_type');
  assert.ok(kinds?.type === 'int32s');
  assert.equal(kinds.value[260], 4);
});

test('what llama.cpp cannot do is refused with its reason', () => {
  const refused = (text: string, reason: RegExp, rows = 270) =>
    assert.throws(
      () => ggufVocabulary(text, 'tokenizer.json', { rows, ...bounds }),
      (error) => error instanceof InputError && reason.test(error.message),
      `${reason}`,
    );
  refused(
    byteLevel((file) => (file.model.type = 'Unigram')),
    /its model is Unigram/,
  );
  refused(
    byteLevel((file) => (file.normalizer = { type: 'NFC' })),
    /changes the text before \(NFC\)/,
  );
  refused(
    byteLevel((file) => (file.pre_tokenizer = { type: 'Whitespace' })),
    /no rule that splits/,
  );
  refused(
    byteLevel((file) => (file.pre_tokenizer.add_prefix_space = true)),
    /no rule that splits/,
  );
  refused(
    byteLevel((file) => (file.pre_tokenizer = null)),
    /no rule that splits/,
  );
  refused(
    byteLevel((file) => (file.model.ignore_merges = true)),
    /never takes whole words/,
  );
  refused(
    byteLevel((file) => (file.model.vocab['€'] = 260)),
    /not written in the byte-level alphabet/,
  );
  refused(
    byteLevel((file) => (file.model.vocab.ab = 259)),
    /two tokens have the id 259/,
  );
  refused(
    byteLevel((file) => (file.model.vocab.ab = 2 ** 40)),
    /has no row in the model/,
  );
  refused(
    byteLevel((file) => (file.model.merges = ['a b c'])),
    /is not of two tokens/,
  );
  refused(
    byteLevel((file) => file.added_tokens.push({ id: 260, content: 'a', special: true })),
    /there twice/,
  );
  refused(
    byteLevel((file) => file.added_tokens.push({ id: 260, content: '\ud800', special: true })),
    /is no text/,
  );
  refused(
    byteLevel((file) => (file.model.vocab = [])),
    /model\.vocab/,
  );
  refused(trained, /its token 259 has no row in the model, which has 259/, 259);
  refused(
    sentencePiece((file) => (file.model.merges = ['a b'])),
    /no merge makes its token "▁ab"/,
  );
  refused(
    sentencePiece((file) => delete file.model.vocab['<0x41>']),
    /it has no token <0x41>/,
  );
  refused(
    sentencePiece((file) => (file.normalizer = { type: 'NFKC' })),
    /treats spaces unlike/,
  );
});
