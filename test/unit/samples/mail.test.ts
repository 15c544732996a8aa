import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailText } from '../../../samples/mail.mjs';

const message = (text: string): string => mailText(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'));

test('header blocks, also folded and forwarded ones, are left out', () => {
  const text = message(
    'From a@b.c  Thu Aug 22 12:36:23 2002\nReceived: from here\n\tby there\nSubject: Re: x\n\nHello.\n\n' +
      'From: Ann <ann@example.org>\nReceived: from one\n    by another\nSubject: y\n\nThe forwarded text.\n',
  );
  assert.equal(text, 'Hello.\n\nThe forwarded text.');
});

test('quoted replies and signatures are left out', () => {
  assert.equal(
    message('Subject: x\n\nOn Monday Ann wrote:\n> old\n> text\nNew text.\n-- \nBob\nhttp://example.org\n'),
    'New text.',
  );
});

test('of a message of several parts the plain text is kept, decoded by its encoding and character set', () => {
  const text = message(
    [
      'Content-Type: multipart/mixed; boundary="cut"',
      '',
      'for old readers',
      '--cut',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Caf=E9 is a soft=',
      ' break.',
      '--cut',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('Grüße').toString('base64'),
      '--cut',
      'Content-Type: text/html',
      '',
      '<p>no</p>',
      '--cut',
      'Content-Type: text/plain',
      'Content-Disposition: attachment; filename=x.txt',
      '',
      'attached',
      '--cut--',
      'afterwards',
    ].join('\n'),
  );
  assert.equal(text, 'Café is a soft break.\n\nGrüße');
});

test('encoded attachments and signatures in the text are left out', () => {
  assert.equal(
    message(
      `Subject: x\n\nBefore.\nbegin 644 a.bin\nM${'A'.repeat(60)}\nend\nAfter.\n` +
        `-----BEGIN PGP SIGNATURE-----\nVersion: 1\n\niQ==\n-----END PGP SIGNATURE-----\n`,
    ),
    'Before.\nAfter.',
  );
});

test('bytes that are not in the stated character set are read as Windows-1252, and control characters go', () => {
  const bytes = Buffer.concat([
    Buffer.from('Content-Type: text/plain; charset=utf-8\n\n'),
    Buffer.from([0x93, 0x41, 0x94, 0x07]),
  ]);
  assert.equal(mailText(bytes), '“A”');
});

test('a message without plain text gives none', () => {
  assert.equal(message('Content-Type: text/html\n\n<p>only</p>\n'), '');
  assert.equal(message('no header block at all'), '');
});
