/** The package that the tests install: what `npm run package` wrote for this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/setup.mjs';

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

export function packagedExtension(): string {
  const file = join(root, 'dist', `parlance-${process.platform}-${process.arch}-${manifest.version}.vsix`);
  if (!existsSync(file)) throw new Error(`There is no ${file}: run npm run package first.`);
  return file;
}
