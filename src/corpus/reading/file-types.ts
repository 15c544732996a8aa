/** Which files are read, and how, told from their names. */
import { extname } from 'node:path';
import type { SourceFormat } from '../sources/specification.ts';

export type FileFormat = 'prose' | 'code' | 'html' | 'jsonl' | 'jsonl.gz' | 'parquet';

const prose = 'txt text md markdown mdx rst tex adoc org';
const code =
  'c h cc cpp cxx hpp cs java kt kts scala groovy go rs swift m mm py pyi rb php pl pm lua r jl js mjs cjs jsx ts mts cts tsx vue svelte ' +
  'css scss less sql sh bash zsh fish ps1 bat cmake gradle tf proto thrift graphql hs ml mli fs fsx ex exs erl clj cljs lisp el scm dart ' +
  'zig nim v vhd vhdl sv f f90 f95 pas adb ads asm s cob cbl yaml yml toml ini cfg conf';

const formats = new Map<string, FileFormat>([
  ...prose.split(' ').map((extension) => [extension, 'prose'] as const),
  ...code.split(' ').map((extension) => [extension, 'code'] as const),
  ['html', 'html'],
  ['htm', 'html'],
  ['xhtml', 'html'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
  ['parquet', 'parquet'],
]);

const namesOfProse =
  /^(?:readme|license|licence|copying|notice|authors|contributing|changelog|changes|news|todo)$/i;
const namesOfCode = /^(?:makefile|dockerfile|rakefile|gemfile|jenkinsfile|justfile|procfile)$/i;

/**
 * The format of a file, or `undefined` when it holds no text as far as its name tells. `asked` says that
 * the user named the file (by a pattern or as the source itself), so that an unknown name counts as prose.
 */
export function fileFormat(
  name: string,
  forced: SourceFormat | undefined,
  asked: boolean,
): FileFormat | undefined {
  const guess = guessFormat(name);
  if (forced === 'parquet') return 'parquet';
  if (forced === 'jsonl') return guess === 'jsonl.gz' || name.endsWith('.gz') ? 'jsonl.gz' : 'jsonl';
  if (forced === 'text') return guess === 'code' || guess === 'html' ? guess : 'prose';
  return guess ?? (asked ? 'prose' : undefined);
}

function guessFormat(name: string): FileFormat | undefined {
  const lower = name.toLowerCase();
  if (/\.(?:jsonl|ndjson)\.gz$/.test(lower)) return 'jsonl.gz';
  const extension = extname(lower).slice(1);
  if (extension !== '') return formats.get(extension);
  if (namesOfProse.test(lower)) return 'prose';
  return namesOfCode.test(lower) ? 'code' : undefined;
}
