/** Texts that tokenizers get wrong: several scripts, hostile runs, odd white space. Shared by the tokenizer's tests. */
import fc from 'fast-check';

export const multilingual = [
  "It's we're I've I'm they'll he'd don't; IT'S WE'RE THEY'LL; 'twas ''s 'ss x'sx",
  'Ägypten, Straße; naïve café cafe\u0301 — “quotes” … 3½ ²³ Ⅷ ٣٤٥ १२३ 1,000,000.00',
  'Съешь же ещё этих мягких французских булок, да выпей чаю.',
  'ζεῖ καὶ βασιλεύει. שלום עולם, مرحبا بالعالم',
  '我能吞下玻璃而不伤身体。私はガラスを食べられます。나는 유리를 먹을 수 있어요. ฉันกินกระจกได้',
  'नमस्ते दुनिया — हिन्दी में क्ष त्र ज्ञ; தமிழ் உரை',
  '👩‍👩‍👧‍👦 👍🏽 🇫🇷🇯🇵 ❤️ 🏳️‍🌈 𝒳𝓎𝓏 𝟘𝟙𝟚 𐍈𐌰 a👍b1𝟘𝓎 👍',
  'line\r\nline\r\n\r\n\tindented\t\ttwice  \n  \n   x   ',
  '\u0000\u0001\u007f\u00a0nbsp\u2003em\u3000ideographic\u200bzero',
  'function f(x){return x?.y ?? `$(x)\\n`;} // <html>&amp;</html> foo_bar __init__',
];

export const hostile = [
  '',
  ' ',
  '\n',
  "'",
  "'r",
  "'re",
  "it'",
  ' \u0085x',
  'a'.repeat(100_000),
  ' '.repeat(100_000),
  `${'\n'.repeat(70_000)}x`,
  '!'.repeat(100_000),
  '1'.repeat(40_000),
  '我'.repeat(100_000),
  '👍'.repeat(50_000),
  'ab'.repeat(50_000),
  "'s".repeat(40_000),
  `${'x'.repeat((1 << 15) - 2)}'re`,
  `${' '.repeat((1 << 15) - 1)}'ll'll`,
  new TextDecoder().decode(Uint8Array.from({ length: 512 }, (_, i) => (i * 37 + 128) & 0xff)),
  '<|endoftext|',
  'a\u0301\u0302\u0303b\u200d\u200dc',
  '__proto__ constructor toString hasOwnProperty',
];

const pieces = [
  ...["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'", 'r', 'l', ' ', '  ', '\n', '\r\n', '\t'],
  ...[
    '\u00a0',
    '\u2028',
    '\u3000',
    'é',
    'e\u0301',
    'ß',
    '我',
    '½',
    '٣',
    '1',
    '42',
    '𝟘',
    '𝓎',
    '👍',
    '\u200d',
    '.',
    '!?',
  ],
  ...['the', ' of', '_', '-', '\u0000', '\ufffd', 'ж', 'ש', '🇫🇷'],
];

/** Text made of pieces at which the pre-tokenizer decides, of arbitrary characters, or of both. */
export const anyText = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 40 })
  .map((parts) => parts.join(''));

/** Blocks of Unicode that have been as they are for long: newer characters are unknown to some programs' tables. */
const SETTLED: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x24f],
  [0x391, 0x3a1],
  [0x400, 0x4ff],
  [0x5d0, 0x5ea],
  [0x620, 0x64a],
  [0x904, 0x939],
  [0x2000, 0x2064],
  [0x3000, 0x303f],
  [0x3041, 0x3096],
  [0x4e00, 0x9fa5],
  [0xac00, 0xd7a3],
  [0xff01, 0xff5e],
  [0x1f300, 0x1f320],
  [0x20000, 0x2a6d6],
];
const settledCharacter = fc
  .oneof(...SETTLED.map(([min, max]) => fc.integer({ min, max })))
  .map((codePoint) => String.fromCodePoint(codePoint));

/** As `anyText`, of characters that every program knows. */
export const anySettledText = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: settledCharacter, maxLength: 4 })), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

/** As `anyText`, with lone surrogates. */
export const anyCodeUnits = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces, '\ud800', '\udfff', '\udbff', '\udc00', '\u0085', '\ufeff'),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));
