import { findEventNameFault } from '../../../src/auth/event-name.rules';

test.each(['page_view', 'Achat-validé', 'a', '👍'.repeat(200), '$identify', '__proto__', '"quoted"'])(
  '%j is an event name',
  (name) => {
    expect(findEventNameFault(name, 200)).toBeNull();
  },
);

test.each([
  ['', 'empty'],
  ['a'.repeat(201), 'at most 200 characters'],
  ['👍'.repeat(201), 'at most 200 characters'],
  ['a'.repeat(1_000_000), 'at most 200 characters'],
  ['two words', 'white space'],
  [' leading', 'white space'],
  ['trailing\n', 'white space'],
  ['no\u00a0break', 'white space'],
  ['ideographic\u3000space', 'white space'],
  ['byte\ufefforder', 'white space'],
  ['nul\0', 'control characters'],
  ['delete\u007f', 'control characters'],
  ['c1\u009f', 'control characters'],
  ['lone\udc00', 'well-formed'],
])('%.20j is none', (name, fault) => {
  expect(findEventNameFault(name, 200)).toContain(fault);
});
