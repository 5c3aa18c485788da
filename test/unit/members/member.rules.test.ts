import { isEmail, requireEmail, requireNewPassword } from '../../../src/members/member.rules';
import { thrownBy } from '../../support/thrown-by';

test.each([
  'a@b',
  'owner@localhost',
  'Ada.Lovelace+x@example.org',
  'été@exämple.org',
  `${'a'.repeat(252)}@b`,
])('%.20j has the form of an address', (email) => {
  expect(isEmail(email)).toBe(true);
});

test.each([
  '',
  '@',
  'a@',
  '@b',
  'ab',
  'a@b@c',
  'a b@c',
  'a@b\n',
  'a\0@b',
  'a\u200b@b',
  'a\ud800@b',
  `${'a'.repeat(253)}@b`,
])('%.20j has not', (email) => {
  expect(thrownBy(() => requireEmail(email, ['email']))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['email'],
  });
});

test.each(['a'.repeat(12), 'a'.repeat(256), '👍'.repeat(12), 'with spaces in it '])(
  '%.20j may be a password',
  (password) => {
    expect(() => requireNewPassword(password, ['password'])).not.toThrow();
  },
);

test.each(['', 'a'.repeat(11), '👍'.repeat(11), 'a'.repeat(257), `${'a'.repeat(12)}\ud800`])(
  '%.20j may not',
  (password) => {
    expect(thrownBy(() => requireNewPassword(password, ['password']))).toMatchObject({
      code: 'BAD_USER_INPUT',
      inputPath: ['password'],
    });
  },
);
