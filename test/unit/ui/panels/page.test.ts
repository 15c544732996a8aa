import assert from 'node:assert/strict';
import { test } from 'node:test';
import { panelHtml, panelPolicy } from '../../../../src/ui/panels/page.ts';

test('the policy allows nothing unsafe, and no text of the workspace becomes markup', () => {
  const policy = panelPolicy({ policySource: 'https://x.vscode-cdn.net', nonce: 'abc' });
  assert.match(policy, /^default-src 'none';/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  const html = panelHtml({
    script: 'a.js',
    style: 'a.css',
    policySource: 'https://x',
    nonce: 'abc',
    experiment: '/tmp/"><script>alert(1)</script>/parlance.json',
    title: '<b>',
  });
  assert.equal(html.match(/<script/g)?.length, 1);
  assert.ok(html.includes('&lt;b&gt;'));
});
