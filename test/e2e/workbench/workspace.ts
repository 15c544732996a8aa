/** Small workspaces for the tests: text of the packaged sample, and an experiment that takes seconds. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../../scripts/setup.mjs';

const sample = join(root, 'dist', 'sample');

/** Models of a few thousand parameters. */
export const microExperiment = {
  name: 'micro',
  generic: { sources: [{ path: '../generic' }] },
  domains: [{ name: 'docs', sources: [{ path: '.', include: ['docs/'] }] }],
  methods: ['slm-nopt', 'slm'],
  seeds: [1],
  tokenizer: { vocabulary: 300 },
  context: 32,
  models: {
    small: { layers: 1, width: 16, heads: 2, feedForward: 32 },
    large: { layers: 1, width: 32, heads: 2, feedForward: 64 },
  },
  pretraining: { tokens: [8192], batchTokens: 512 },
  specialization: { domainTokens: [2048], batchTokens: 512, maximumEpochs: 3, patience: 2048 },
};

export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'plx-'));

  /** Writes files, by their paths in the folder; objects as JSON. Returns the folder of the first part of the paths. */
  write(files: Readonly<Record<string, string | object>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(
        path,
        typeof content === 'string' ? content : `${JSON.stringify(content, undefined, 2)}\n`,
      );
    }
  }

  /** A workspace `name` with documents in `docs`, and a generic corpus beside it; without an experiment file unless given. */
  workspace(name: string, experiment?: object): string {
    const folder = join(this.path, name);
    for (const file of documents('commands').filter(isShort)) {
      cpSync(file.path, join(folder, 'docs', file.name));
    }
    for (const part of ['using-npm', 'configuring-npm']) {
      for (const file of documents(part)) cpSync(file.path, join(this.path, 'generic', file.name));
    }
    if (experiment !== undefined) this.write({ [`${name}/parlance.json`]: experiment });
    return folder;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** All in-domain text is always trained on: the short pages, and two that tests open, keep that to seconds. */
function isShort({ name, path }: { name: string; path: string }): boolean {
  return ['npm-ci.md', 'npm-ls.md'].includes(name) || statSync(path).size < 1400;
}

function documents(part: string): { name: string; path: string }[] {
  const folder = join(sample, 'npm-docs', part);
  return readdirSync(folder).map((name) => ({ name, path: join(folder, name) }));
}
