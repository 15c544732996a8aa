import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { installation, isNodeRecentEnough, staleReason } from '../../../scripts/setup.mjs';

const lock = (packages: Record<string, object>) => ({ packages });
const one = { version: '1.0.0', integrity: 'sha512-a' };

test('Node.js 20.19 is the oldest that is accepted', () => {
  assert.deepEqual(['18.20.4', '20.9.0', '20.18.3', '20.19.0', '22.0.0'].map(isNodeRecentEnough), [
    false,
    false,
    false,
    true,
    true,
  ]);
});

test('nothing is installed again when what is installed is what the lockfile names', () => {
  const wanted = lock({
    '': {},
    'node_modules/a': one,
    'node_modules/other-platform': { ...one, optional: true },
  });
  assert.equal(staleReason(wanted, lock({ 'node_modules/a': one })), undefined);
});

test('an absent, changed or additional package is noticed', () => {
  const wanted = lock({ '': {}, 'node_modules/a': one });
  assert.match(staleReason(wanted, undefined) ?? '', /no finished installation/);
  assert.match(staleReason(wanted, lock({})) ?? '', /node_modules\/a differs/);
  const changed = lock({ 'node_modules/a': { ...one, integrity: 'sha512-b' } });
  assert.match(staleReason(wanted, changed) ?? '', /node_modules\/a differs/);
  const more = lock({ 'node_modules/a': one, 'node_modules/b': one });
  assert.match(staleReason(wanted, more) ?? '', /node_modules\/b is not in package-lock.json/);
});

test('what the documents name as a first command installs what it needs', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const name of ['build', 'package', 'claims'])
    assert.match(scripts[name], /^node scripts\/setup\.mjs && /);
  for (const name of ['start', 'test']) {
    const [, program] = /^node (scripts\/\S+)$/.exec(scripts[name]) ?? [];
    assert.match(readFileSync(program, 'utf8'), /^setUp\(\);$/m);
  }
});

test('a machine that is told to leave out what builds installs it all the same', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'parlance-setup-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const tool = { name: 'tool', version: '1.0.0' };
  const devDependencies = { tool: 'file:tool' };
  const own = { name: 'own', version: '1.0.0', devDependencies };
  const packages = {
    '': own,
    'node_modules/tool': { resolved: 'tool', link: true },
    tool: { ...tool, dev: true },
  };
  mkdirSync(join(root, 'tool'));
  writeFileSync(join(root, 'tool', 'package.json'), JSON.stringify(tool));
  writeFileSync(join(root, 'package.json'), JSON.stringify(own));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ ...own, lockfileVersion: 3, packages }));
  const npm = resolve('node_modules/npm/bin/npm-cli.js');
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    npm_config_omit: 'dev',
    npm_config_update_notifier: 'false',
  };
  execFileSync(process.execPath, [npm, ...installation, '--offline'], { cwd: root, env, stdio: 'pipe' });
  assert.ok(existsSync(join(root, 'node_modules', 'tool', 'package.json')));
});
