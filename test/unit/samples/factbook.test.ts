import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factbookText } from '../../../samples/factbook.mjs';

test('an entry reads as sections of one line a field, without empty fields', () => {
  const text = factbookText('Austria', {
    Geography: {
      Location: { text: 'Central Europe' },
      Area: { total: { text: '83,871 sq km' }, map: { text: null } },
      'Public debt': { text: '84.5% of GDP ++ 80.9% of GDP', note: { text: 'gross' } },
      Anthem: { text: ' ++ ' },
    },
  });
  assert.equal(
    text,
    'Austria\n\nGeography\n\nLocation: Central Europe\nArea: total: 83,871 sq km\nPublic debt: 84.5% of GDP\n80.9% of GDP; note: gross\n',
  );
});
