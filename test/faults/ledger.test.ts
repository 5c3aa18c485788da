import { judge, KEPT, Ledger } from './ledger';

/** The checker is worth something only if it sees each way to break the promise. */
const once = (ticket: string) => ({ ticket, events: 1, keys: 1 });

function givenLedger(): Ledger {
  const ledger = new Ledger();
  ledger.write('stored', 'ACKNOWLEDGED');
  ledger.write('bad', 'REFUSED');
  ledger.write('cut', 'UNKNOWN');
  return ledger;
}

test('what is unknown may be there or not', () => {
  expect(judge(givenLedger(), [once('stored')])).toEqual(KEPT);
  expect(judge(givenLedger(), [once('stored'), once('cut')])).toEqual(KEPT);
});

test.each([
  ['an acknowledged event is missing', [], { lost: ['stored'] }],
  ['a refused event is there', [once('stored'), once('bad')], { storedThoughRefused: ['bad'] }],
  ['an event is there twice', [{ ticket: 'stored', events: 2, keys: 1 }], { repeated: ['stored'] }],
  ['an event has two keys', [{ ticket: 'stored', events: 1, keys: 2 }], { repeated: ['stored'] }],
  [
    'an unknown event is there twice',
    [once('stored'), { ticket: 'cut', events: 2, keys: 1 }],
    { repeated: ['cut'] },
  ],
  ['an event has no key', [{ ticket: 'stored', events: 1, keys: 0 }], { withoutKey: ['stored'] }],
  ['an event comes from nowhere', [once('stored'), once('ghost')], { unsent: ['ghost'] }],
])('it is seen when %s', (_case, stored, broken) => {
  expect(judge(givenLedger(), stored)).toEqual({ ...KEPT, ...broken });
});

test('what is unknown becomes known when it is sent again, and what is known stays so', () => {
  const ledger = givenLedger();
  ledger.write('cut', 'ACKNOWLEDGED');
  expect(judge(ledger, [once('stored')])).toEqual({ ...KEPT, lost: ['cut'] });
  expect(() => ledger.write('bad', 'ACKNOWLEDGED')).toThrow('bad was REFUSED already.');
});
